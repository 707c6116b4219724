"""Ranking, the key sentence: the one that best states what is wrong or wanted, verbatim.

A linear ranking of a mail's sentences by `signs`: where a sentence stands, whether it asks,
the cues and words it holds, and how much it says. `weights/key.toml` holds the weights, which
`training.key_sentence` makes; they only compare sentences of one mail, so there is no start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from triage.ranking.lexicon import lexicon
from triage.types import Hit

MOST = 200  # sentences looked at; the matter does not first come up after them

_LONGEST = 600  # characters; a run-on beyond this is hardly *the* sentence
_TOO_LONG = -4.0
_LENGTHS = (4, 8, 12, 20, 30, 45)  # words
_ENOUGH_WORDS = 40
_ENOUGH_COMMAS = 3
_ENOUGH_DIGITS = 10
_SHORTEST_TOPIC = 4  # letters of a word of the subject that tells something
_ENOUGH_TOPICS = 2
_PHONE_DIGITS = 9


def choose(
    sentences: Sequence[str], *, subject: str = "", language: str = "en", hits: Sequence[Hit] = ()
) -> str:
    """The sentence to quote in a reply and to put at the top of a brief; empty if there is none.

    Of equals the first is taken.
    """
    if not sentences:
        return ""
    weights = _weights()
    told = sentences[:MOST]
    sums = [
        sum(weights.get(name, 0.0) * value for name, value in shown.items())
        + (_TOO_LONG if len(sentence) > _LONGEST else 0.0)
        for sentence, shown in zip(
            told, signs(told, subject=subject, language=language, hits=hits), strict=True
        )
    ]
    return told[sums.index(max(sums))]


def signs(
    sentences: Sequence[str], *, subject: str = "", language: str = "en", hits: Sequence[Hit] = ()
) -> list[dict[str, float]]:
    """What speaks for or against each sentence, by name; 0..1 each."""
    number = len(sentences)
    lengths = [len(sentence.split()) for sentence in sentences]
    asking = [at for at, sentence in enumerate(sentences) if "?" in sentence]
    topics = {word for word in _words(subject) if len(word) >= _SHORTEST_TOPIC}
    shown_by: dict[str, list[str]] = {}
    for hit in hits:
        shown_by.setdefault(hit.evidence, []).append(hit.cue.value)
    found = []
    for at, sentence in enumerate(sentences):
        digits = sum(map(str.isdigit, sentence))
        cues = shown_by.get(sentence, [])
        shown: dict[str, float] = {
            "first": at == 0,
            "second": at == 1,
            "third": at == 2,
            "last_but_one": at == number - 2,
            "last": at == number - 1,
            "place": at / number,
            "place_squared": (at / number) ** 2,
            "asks": "?" in sentence,
            "asks_first": bool(asking) and at == asking[0],
            "asks_alone": asking == [at],
            "asks_last": at == number - 1 and at in asking[-1:],
            "before_question": bool(asking) and at < asking[0],
            "after_question": bool(asking) and at > asking[0] and "?" not in sentence,
            "cue": bool(cues),
            "digits": min(1.0, digits / _ENOUGH_DIGITS),
            "digit": digits > 0,
            "phone": digits > _PHONE_DIGITS,
            "money": any(sign in sentence for sign in "£$€"),
            "length": min(lengths[at], _ENOUGH_WORDS) / _ENOUGH_WORDS,
            "longest": lengths[at] == max(lengths),
            "share": lengths[at] / max(1, sum(lengths)),
            "colon": sentence.endswith(":"),
            "exclamation": "!" in sentence,
            "quotes": any(mark in sentence for mark in '"“„«'),
            "commas": min(1.0, sentence.count(",") / _ENOUGH_COMMAS),
            "of_subject": min(1.0, len(topics.intersection(_words(sentence))) / _ENOUGH_TOPICS),
        }
        shown |= {f"from_{words}_words": lengths[at] >= words for words in _LENGTHS}
        shown |= {f"cue_{cue}": True for cue in cues}
        shown |= {f"word_{group}": True for group in lexicon(language).counts(sentence)}
        found.append({name: float(value) for name, value in shown.items() if value})
    return found


def _words(text: str) -> set[str]:
    return {word.strip(".,;:!?()\"'“”„«»") for word in text.lower().split()}


@cache
def _weights() -> Mapping[str, float]:
    written = tomllib.loads((files(__package__) / "weights" / "key.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in written["signs"].items()}
