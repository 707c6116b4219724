"""A small language for phrases, so that people who do not program can keep the cue lists.

A phrase is written as one would say it, plus a few signs:

    word        this word; case, accents and apostrophes do not matter
    word*       words that begin so; *word or *word* also words that end so or contain it
    (a|b c)     one of these
    [a|b c]     one of these, or nothing
    <name>      one of the phrases listed under `name` in [words]
    #           a number
    ...         up to six words in between
    a & b       both, in either order, within `NEAR` characters (a whole rule only)

Phrases are compiled to bounded regular expressions over a normalised sentence (words apart
by one space, punctuation as a comma), and found through an index of their rarest word, so
that the cost of a sentence does not grow with the size of the lists.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

Span = tuple[int, int]

NEAR = 90
_PLACES = 12  # more of the same phrase in one sentence tells nothing new
_GAP = r"(?: [^ ]+){0,6}?"
_WORD = "(?= )(?: ,)?"  # the end of a word; every piece begins with its space, which makes searching fast
_BEGINS = "[^ ]*(?: ,)?"
_TOKEN = re.compile(r"\w+|[£$€]|[^\w\s£$€*]")
_SYNTAX = re.compile(r"\.\.\.|[()\[\]|#]|<\w+>|\*?\w[\w']*\*?|[£$€,]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language writes: what `normalised` evens out before anything is compared."""

    elides: bool = False  # an apostrophe parts two words (l'eau), it does not join them (can't)
    umlauts: bool = False  # ae, oe, ue may stand for ä, ö, ü

    def folded(self, text: str) -> str:
        """Lower case without accents; apostrophes and umlauts evened out."""
        text = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in text if not unicodedata.combining(c))
        text = text.translate(_APOSTROPHES)
        if self.umlauts:
            text = text.replace("ae", "a").replace("oe", "o").replace("ue", "u")
        return text

    def normalised(self, sentence: str) -> str:
        """The words of a sentence, each after one space, punctuation as " ,", a space at the end."""
        text = self.folded(sentence).replace("'", " " if self.elides else "").replace("-", " ")
        words = (t if t[0].isalnum() or t in "£$€" else "," for t in _TOKEN.findall(text))
        return (" " + " ".join(words) + " ").replace(" _ ", " ")


_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ′", "'"))


class PhraseError(ValueError):
    """A phrase cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A compiled bit of a phrase: its expression, and words of which one must be present.

    A word is written as in the phrase language (`exact`, `begins*`, `*contains*`); no words
    at all means that the piece gives nothing to look it up by.
    """

    expression: str
    words: tuple[str, ...] = ()

    @property
    def rarity(self) -> int:
        """Longer words are rarer: the shortest alternative decides."""
        return min((len(w.strip("*")) for w in self.words), default=0)


class Phrase:
    """One phrase, compiled when it is first looked for."""

    def __init__(self, text: str, piece: _Piece) -> None:
        self.text = text
        self._piece = piece

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self._piece.expression + "(?= )")

    @property
    def words(self) -> tuple[str, ...]:
        return self._piece.words

    def spans(self, normalised: str) -> list[Span]:
        """Where the phrase stands in a normalised sentence: its first `_PLACES` places."""
        return [m.span() for m in islice(self._expression.finditer(normalised), _PLACES)]

    def __repr__(self) -> str:
        return f"Phrase({self.text!r})"


class Grammar:
    """Compiles phrases of one language; `words` are its named lists."""

    def __init__(self, spelling: Spelling, words: Mapping[str, Sequence[str]]) -> None:
        self._spelling = spelling
        self._lists = words
        self._named: dict[str, _Piece] = {}
        self._phrases: dict[str, Phrase] = {}

    def rule(self, text: str) -> tuple[Phrase, ...]:
        """The phrases of a rule, joined by "&". Raises PhraseError."""
        return tuple(self.phrase(part.strip()) for part in text.split(" & "))

    def phrase(self, text: str) -> Phrase:
        """The compiled phrase; the same text gives the same object. Raises PhraseError."""
        found = self._phrases.get(text)
        if found is None:
            found = self._phrases[text] = Phrase(text, self._compiled(text))
        return found

    def _compiled(self, text: str) -> _Piece:
        tokens = _SYNTAX.findall(text)
        if "".join(tokens) != "".join(text.split()):
            raise PhraseError(f"cannot read the phrase {text!r}")
        piece, end = self._alternatives(tokens, 0, text)
        if end != len(tokens):
            raise PhraseError(f"a bracket too many in {text!r}")
        if not piece.words:
            raise PhraseError(f"no word that must be there in {text!r}")
        return piece

    def _alternatives(self, tokens: list[str], at: int, text: str) -> tuple[_Piece, int]:
        branches: list[_Piece] = []
        while True:
            piece, at = self._sequence(tokens, at, text)
            branches.append(piece)
            if at >= len(tokens) or tokens[at] != "|":
                return _either(branches), at
            at += 1

    def _sequence(self, tokens: list[str], at: int, text: str) -> tuple[_Piece, int]:
        pieces: list[_Piece] = []
        while at < len(tokens) and tokens[at] not in ("|", ")", "]"):
            sign = tokens[at]
            at += 1
            if sign in ("(", "["):
                piece, at = self._alternatives(tokens, at, text)
                if at >= len(tokens) or tokens[at] != (")" if sign == "(" else "]"):
                    raise PhraseError(f"a bracket is not closed in {text!r}")
                at += 1
                pieces.append(piece if sign == "(" else _Piece(f"(?:{piece.expression})?"))
            elif sign == "...":
                pieces.append(_Piece(_GAP))
            elif sign == "#":
                pieces.append(_Piece(rf" \d{_BEGINS}", ("#",)))
            elif sign[0] == "<":
                pieces.append(self._list(sign[1:-1], text))
            else:
                pieces.append(self._word(sign))
        if not pieces:
            raise PhraseError(f"an empty alternative in {text!r}")
        rarest = max(pieces, key=lambda p: p.rarity)
        return _Piece("".join(p.expression for p in pieces), rarest.words), at

    def _list(self, name: str, text: str) -> _Piece:
        if name not in self._named:
            if name not in self._lists:
                raise PhraseError(f"no list <{name}> in [words], wanted by {text!r}")
            self._named[name] = _either([self._compiled(p) for p in self._lists[name]])
        return self._named[name]

    def _word(self, token: str) -> _Piece:
        """One word of a phrase: literally, by its beginning (word*), or by what it contains."""
        text = self._spelling.folded(token.strip("*")).strip("'")
        # An apostrophe that parts words may be missing ("jai", "cest").
        parts = text.split("'") if self._spelling.elides else [text.replace("'", "")]
        before = "[^ ]*" if token[0] == "*" else ""
        after = _BEGINS if token[-1] == "*" else _WORD
        expression = f" {before}{' ?'.join(map(re.escape, parts))}{after}"
        if before or len(parts) > 1:
            return _Piece(expression, (f"*{max(parts, key=len)}*",))
        return _Piece(expression, (parts[0] + ("*" if token[-1] == "*" else ""),))


def _either(branches: Sequence[_Piece]) -> _Piece:
    if len(branches) == 1:
        return branches[0]
    words = tuple(dict.fromkeys(w for b in branches for w in b.words))
    known = all(b.words for b in branches)
    return _Piece(f"(?:{'|'.join(b.expression for b in branches)})", words if known else ())


class PhraseIndex:
    """Finds which of many phrases occur in a sentence."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._exact: dict[str, list[Phrase]] = {}
        self._begins: dict[str, list[Phrase]] = {}
        self._contains: dict[str, list[Phrase]] = {}
        for phrase in dict.fromkeys(phrases):
            for word in phrase.words:
                if word[0] == "*":
                    self._contains.setdefault(word.strip("*"), []).append(phrase)
                elif word[-1] == "*":
                    self._begins.setdefault(word[:-1], []).append(phrase)
                else:
                    self._exact.setdefault(word, []).append(phrase)
        self._longest = max(map(len, self._begins), default=0)

    def found(self, normalised: str) -> dict[Phrase, list[Span]]:
        """The phrases that occur in a normalised sentence, with their places."""
        candidates: dict[Phrase, None] = {}
        for word in dict.fromkeys(normalised.split()):
            candidates.update(dict.fromkeys(self._exact.get(word, ())))
            if word[0].isdigit():
                candidates.update(dict.fromkeys(self._exact.get("#", ())))
            for length in range(1, min(len(word), self._longest) + 1):
                candidates.update(dict.fromkeys(self._begins.get(word[:length], ())))
        for part, phrases in self._contains.items():
            if part in normalised:
                candidates.update(dict.fromkeys(phrases))
        return {p: spans for p in candidates if (spans := p.spans(normalised))}
