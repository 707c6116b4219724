"""Threading: which mails a mail answers, and the headers that tie a reply to it (pure).

reply_targets(message)    -> the Message-IDs it answers, most recent first
belongs(sender, people)   -> may this sender join that conversation?
reference_chain(message)  -> the References of a reply to it
reply_subject(subject)    -> the Subject of a reply to it
base_subject(subject)     -> the subject without "Re:", "AW:", "[TAG]"
compared(draft, sent)     -> how much of a draft is in the mail that was sent
likeness(draft, sent)     -> is the sent mail still our holding reply?
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from triage.types import Message

REFERENCES_KEPT = 21
"""A reply names at most this many mails: the first of the thread and the last twenty."""

SUBJECT_LENGTH = 200
"""Characters of a reply's subject, "Re: " included."""

LIKE_SENTENCES = 0.6
"""Below this share of the draft's sentences the agent rewrote it: then it is their own answer."""

LIKE_ADDED = 0.4
"""Above this share of new words (of the draft's length) something was answered: a holding reply of
some 100 words then has over 40 words that are not ours, more than a name and a polite sentence."""

REPLACED = 1 / 3
"""Where less than this share of its sentences remains, a person wrote an answer in the draft's place."""

_LIKENESS_CHARS = 50_000


def reply_targets(message: Message) -> tuple[str, ...]:
    """The Message-IDs that `message` answers, most recent first, each once.

    In-Reply-To names the parent; References runs from the oldest to the newest (RFC 5322
    section 3.6.4).
    """
    return tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references))))


def belongs(sender: str, participants: Collection[str]) -> bool:
    """True if `sender` takes part in the conversation whose addresses are `participants`.

    References can be forged, so a matching reference alone never lets a stranger join.
    Addresses are compared lower-cased, plus tags kept.
    """
    return bool(sender) and sender.lower() in {p.lower() for p in participants}


def reference_chain(message: Message) -> tuple[str, ...]:
    """The References of a reply to `message`, oldest first (RFC 5322 section 3.6.4).

    The parent's References (or its In-Reply-To if that names exactly one mail), then the
    parent's own Message-ID. A long chain keeps its first and its last twenty, so that the
    thread's root stays known. Ids that could break a header are left out.
    """
    parents = message.references or (message.in_reply_to if len(message.in_reply_to) == 1 else ())
    own = (message.message_id,) if _is_message_id(message.message_id) else ()
    chain = (*(p for p in dict.fromkeys(parents) if _is_message_id(p) and p not in own), *own)
    return chain if len(chain) <= REFERENCES_KEPT else (chain[0], *chain[1 - REFERENCES_KEPT :])


def _is_message_id(text: str) -> bool:
    return _MESSAGE_ID.fullmatch(text) is not None


# RFC 5322 allows no blank within; 250 keeps a folded line far below the 998 octets.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


# --------------------------------------------------------------------------- subjects

_REPLY = "re|aw|antw|antwort|sv|vs|rif|res|resp|ref|r|odp|ynt"
_FORWARD = "fwd|fw|wg|tr|rv|enc|doorst|i|vb|pd"
_PREFIX = re.compile(
    rf"(?:(?P<reply>{_REPLY})|(?P<forward>{_FORWARD}))"
    r" ?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})? ?[:：] ?",
    re.IGNORECASE,
)
_TAG = re.compile(r"\[[^\[\]]{0,80}\] ?")
_TRAILER = "(fwd)"


def base_subject(subject: str) -> str:
    """The subject without what mail programs put around it (RFC 5256 section 2.1).

    Reply and forward marks of several languages, counters ("Re[2]:"), "[TAG]" and "(fwd)"
    go; a subject that consists of a tag alone keeps it.
    """
    rest = _clean(subject)
    while True:
        while rest.lower().endswith(_TRAILER):
            rest = rest[: -len(_TRAILER)].rstrip()
        _, rest = _split_prefixes(rest)
        if not (rest.lower().startswith("[fwd:") and rest.endswith("]")):
            return rest
        rest = rest[5:-1].strip()


def reply_subject(subject: str) -> str:
    """The Subject of a reply: exactly one "Re: ", no control characters, at most 200 characters.

    Forward marks and tags stay, for they belong to the subject that the requester sees.
    An empty subject gives "Re:".
    """
    kept, rest = _split_prefixes(_clean(subject), keep_last_tag=False)
    answer = " ".join(("Re:", *kept, rest)).rstrip()
    return answer if len(answer) <= SUBJECT_LENGTH else answer[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _split_prefixes(subject: str, *, keep_last_tag: bool = True) -> tuple[list[str], str]:
    """The leading forward marks and tags, and what follows all the leading marks."""
    kept: list[str] = []
    start = 0
    while start < len(subject):
        if match := _PREFIX.match(subject, start):
            if match["forward"]:
                kept.append(match.group().strip())
        elif match := _TAG.match(subject, start):
            if keep_last_tag and match.end() == len(subject):
                break
            kept.append(match.group().strip())
        else:
            break
        start = match.end()
    return kept, subject[start:]


def _clean(text: str) -> str:
    """One line: control characters, bidi overrides and line separators become blanks."""
    # Only the beginning matters, and it bounds the work; the cut leaves room for many marks.
    return " ".join("".join(" " if _is_control(c) else c for c in text[: SUBJECT_LENGTH * 10]).split())


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in _BIDI


_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


# --------------------------------------------------------------------------- likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a person made of a draft: shares of 0 to 1, and above where much was added."""

    kept: float  # sentences of the draft that remain, of all of its sentences
    added: float  # new words, for each word of the draft

    @property
    def alike(self) -> bool:
        """In essence the draft. Doubt falls on the customer's side: their case stays open."""
        return self.kept >= LIKE_SENTENCES and self.added <= LIKE_ADDED

    @property
    def replaced(self) -> bool:
        """Another text: a person wrote it into the draft's place."""
        return self.kept < REPLACED


def compared(draft_text: str, sent_text: str) -> Compared:
    """How much of a draft is in the mail that was sent.

    Quoted lines, wrapping, letter case and punctuation do not count.
    """
    draft, sent = _own_lines(draft_text), _own_lines(sent_text)
    sentences = [words for part in _SENTENCE_END.split(draft) if (words := _words(part))]
    if not sentences:
        return Compared(kept=0.0, added=0.0)
    draft_words = [w for words in sentences for w in words]
    sent_words = _words(sent)
    haystack = f" {' '.join(sent_words)} "
    found = sum(f" {' '.join(words)} " in haystack for words in sentences)
    added = (Counter(sent_words) - Counter(draft_words)).total()
    return Compared(kept=found / len(sentences), added=added / len(draft_words))


def likeness(draft_text: str, sent_text: str) -> bool:
    """True if `sent_text` is in essence the holding reply `draft_text`, not a person's answer.

    Most of the draft's sentences remain (at least LIKE_SENTENCES) and little was added (new
    words at most LIKE_ADDED of the draft's words).
    """
    return compared(draft_text, sent_text).alike


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n[ \t]*\n")
_WORD = re.compile(r"[^\W_]+")


def _own_lines(text: str) -> str:
    lines = text[:_LIKENESS_CHARS].splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(">"))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "").replace("'", ""))
