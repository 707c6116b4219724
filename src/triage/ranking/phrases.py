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
by one space, punctuation as a comma). An index finds the phrases whose rarest word a sentence
holds; an expression is tried only if every other word that its phrase needs is there too, so
that the cost of a sentence hardly grows with the size of the lists.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import TypeVar

Span = tuple[int, int]
Words = tuple[str, ...]
Needs = tuple[Words, ...]

NEAR = 90
_PLACES = 12  # more of the same phrase in one sentence tells nothing new
_GAP = r"(?: [^ ]+){0,6}?"
_WORD = "(?= )(?: ,)?"  # the end of a word; every piece begins with its space, which makes searching fast
_BEGINS = "[^ ]*(?: ,)?"
_FEW = 40  # letters with accents and the like, in a text of a language that has few
_MOST_WAYS = 24  # to fulfil a rule that are told apart
_UNDERSCORED = re.compile(r"(?<!\w)_\w*")
_SYNTAX = re.compile(r"\.\.\.|[()\[\]|#]|<\w+>|\*?\w[\w']*\*?|[£$€,]")


Key = TypeVar("Key")
Known = TypeVar("Known")


class Memo(dict[Key, Known]):
    """Remembers what `find` says of a key. When it holds `most`, it begins anew."""

    def __init__(self, find: Callable[[Key], Known], *, most: int = 30_000) -> None:
        super().__init__()
        self._find = find
        self._most = most

    def __missing__(self, key: Key) -> Known:
        if len(self) >= self._most:
            self.clear()
        known = self[key] = self._find(key)
        return known


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language writes: what `normalised` evens out before anything is compared."""

    elides: bool = False  # an apostrophe parts two words (l'eau), it does not join them (can't)
    umlauts: bool = False  # ae, oe, ue may stand for ä, ö, ü

    def folded(self, text: str) -> str:
        """Lower case without accents; apostrophes and umlauts evened out."""
        return self._evened(folded(text))

    def _evened(self, text: str) -> str:
        return text.replace("ae", "a").replace("oe", "o").replace("ue", "u") if self.umlauts else text

    def normalised(self, sentence: str) -> str:
        """The words of a sentence, each after one space, punctuation as " ,", a space at the end."""
        return self.normalised_lines(folded(sentence.replace("\n", " ")))[0]

    def normalised_lines(self, text: str) -> list[str]:
        """Each line of a text that is `folded` already, normalised."""
        text = self._parted(self._evened(text))
        return [f" {' '.join(line.split())} " for line in text.split("\n")]

    def _parted(self, text: str) -> str:
        for sign in _CURRENCIES:
            if sign in text:
                return f" {sign} ".join(map(self._parted, text.split(sign)))
        text = text.translate(_signs(elides=self.elides))
        if "_" in text:
            text = _UNDERSCORED.sub(",", text)
        return text.replace(",", " , ")


def folded(text: str) -> str:
    """Lower case without accents, with straight apostrophes; foreign signs as commas.

    Quick for ASCII and for texts with few other letters, since `str.translate` is slow there.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    special = [letter for letter in set(text) if letter > "\x7f"]
    if len(special) > _FEW:
        return text.translate(_FOLDED)
    for letter in special:
        text = text.replace(letter, _FOLDED[ord(letter)])
    return text.lower().replace("`", "'")


_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ′", "'"))
_CURRENCIES = "£$€"


def _folded_letter(code: int) -> str:
    """One character in lower case without accents: none, one or several."""
    plain = unicodedata.normalize("NFKD", chr(code).casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower().translate(_APOSTROPHES)
    return "".join(c if c.isascii() or c.isalnum() or c.isspace() or c in _CURRENCIES else "," for c in plain)


_FOLDED = Memo(_folded_letter)


@cache
def _signs(*, elides: bool) -> Memo[int, str | None]:
    """For `str.translate`: letters and blanks as they are, other signs as commas."""
    special = {"'": " " if elides else None, "-": " ", "*": " ", "_": "_"}

    def sign(code: int) -> str | None:
        letter = chr(code)
        return special.get(letter, letter if letter.isalnum() or letter.isspace() else ",")

    return Memo(sign)


class PhraseError(ValueError):
    """A phrase cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A compiled bit of a phrase: its expression, and what must be there for it to match.

    Of each of its `needs` one word must be in the sentence. A word is written as in the phrase
    language (`exact`, `begins*`, `*contains*`). No needs: it gives nothing to look it up by.
    `branches` say the same more exactly: all needs of one of them must be met.
    """

    expression: str
    needs: Needs = ()
    branches: tuple[Needs, ...] = ()

    @property
    def rarest(self) -> Words:
        return max(self.needs, key=_rarity) if len(self.needs) > 1 else self.needs[0]


@cache
def _rarity(words: Words) -> int:
    """Longer words are rarer: the shortest alternative decides."""
    return min(len(word.strip("*")) for word in words)


class Phrase:
    """One phrase, compiled when it is first looked for."""

    def __init__(self, text: str, piece: _Piece) -> None:
        self.text = text
        self._piece = piece

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self._piece.expression + "(?= )")

    @property
    def needs(self) -> Needs:
        """Of each of these a word must be in the sentence."""
        return self._piece.needs

    @property
    def branches(self) -> tuple[Needs, ...]:
        """More exactly: all needs of one of these must be met."""
        return self._piece.branches or (self._piece.needs,)

    def spans(self, normalised: str) -> list[Span]:
        """Where the phrase stands in a normalised sentence: its first `_PLACES` places."""
        return [m.span() for m in islice(self._expression.finditer(normalised), _PLACES)]

    def __repr__(self) -> str:
        return f"Phrase({self.text!r})"


Rule = tuple[Phrase, ...]
"""Phrases that must all be in a sentence."""


class Grammar:
    """Compiles phrases of one language; `words` are its named lists."""

    def __init__(self, spelling: Spelling, words: Mapping[str, Sequence[str]]) -> None:
        self._spelling = spelling
        self._lists = words
        self._named: dict[str, _Piece] = {}
        self._phrases: dict[str, Phrase] = {}
        self._words = Memo(self._word)

    def rule(self, text: str) -> Rule:
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
        if not piece.needs:
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
                pieces.append(_Piece(rf" \d{_BEGINS}", (("#",),)))
            elif sign[0] == "<":
                pieces.append(self._list(sign[1:-1], text))
            else:
                pieces.append(self._words[sign])
        if not pieces:
            raise PhraseError(f"an empty alternative in {text!r}")
        if len(pieces) == 1:
            return pieces[0], at
        needs = dict.fromkeys(need for p in pieces for need in p.needs)
        return _Piece("".join(p.expression for p in pieces), tuple(needs)), at

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
            return _Piece(expression, ((f"*{max(parts, key=len)}*",),))
        return _Piece(expression, ((parts[0] + ("*" if token[-1] == "*" else ""),),))


def _either(branches: Sequence[_Piece]) -> _Piece:
    if len(branches) == 1:
        return branches[0]
    expression = f"(?:{'|'.join(b.expression for b in branches)})"
    if not all(b.needs for b in branches):
        return _Piece(expression)
    words = tuple(dict.fromkeys(w for b in branches for w in b.rarest))
    exact = [needs for b in branches for needs in b.branches or (b.needs,)]
    single = tuple(dict.fromkeys(w for needs in exact if len(needs) == 1 for w in needs[0]))
    several = [needs for needs in exact if len(needs) > 1]
    return _Piece(expression, (words,), ((single,), *several) if single else tuple(several))


def _ways(rule: Rule) -> list[Needs]:
    """The needs of a rule, once for each way to fulfil it."""
    ways: list[Needs] = [()]
    for phrase in rule:
        branches = phrase.branches
        if len(ways) * len(branches) > _MOST_WAYS:
            branches = (phrase.needs,)
        ways = [(*way, *needs) for way in ways for needs in branches]
    return ways


def _try(rule: Rule, normalised: str, known: dict[Phrase, list[Span]]) -> None:
    """Notes where the phrases of a rule stand, until one stands nowhere."""
    for phrase in rule:
        spans = known.get(phrase)
        if spans is None:
            spans = known[phrase] = phrase.spans(normalised)
        if not spans:
            break


class PhraseIndex:
    """Finds which of many rules a sentence may fulfil, and where their phrases stand in it.

    A word brings up the rules that it is the rarest need of. Those are tried whose other needs
    are met too, which is told by bits: each such need has one, each word those of its needs.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._brings: dict[Words, list[tuple[int, Rule]]] = {}
        told = [(needs, rule) for rule in dict.fromkeys(rules) for needs in _ways(rule)]
        uses = Counter(word for needs, _ in told for need in needs for word in need)

        def rarity(need: Words) -> float:
            """Long words are rare in mails, and those that few rules speak of."""
            return min(len(word) - math.log2(uses[word]) for word in need)

        ways = [(sorted(dict.fromkeys(needs), key=rarity, reverse=True), rule) for needs, rule in told]
        others = Counter(need for needs, _ in ways for need in needs[1:])
        self._bits = {need: 1 << bit for bit, (need, _) in enumerate(others.most_common())}
        for (rarest, *rest), rule in ways:
            needed = sum(self._bits[need] for need in rest)
            self._brings.setdefault(rarest, []).append((needed, rule))
        self._exact: dict[str, list[Words]] = {}
        self._begins: dict[str, list[Words]] = {}
        self._contains: dict[str, list[Words]] = {}
        for need in {**self._brings, **self._bits}:
            for word in need:
                if word[0] == "*":
                    self._contains.setdefault(word.strip("*"), []).append(need)
                elif word[-1] == "*":
                    self._begins.setdefault(word[:-1], []).append(need)
                else:
                    self._exact.setdefault(word, []).append(need)
        self._longest = max(map(len, self._begins), default=0)
        self._worth = Memo(self._worth_of)

    def found(self, normalised: str) -> dict[Phrase, list[Span]]:
        """The phrases of the rules that a normalised sentence may fulfil, with their places.

        All phrases of a rule that it fulfils are there; of others some may be.
        """
        return self.found_in([normalised])[0]

    def found_in(self, sentences: Sequence[str]) -> list[dict[Phrase, list[Span]]]:
        """`found` for each sentence. Most rules are ruled out by all the words together."""
        words = [set(sentence.split()) for sentence in sentences]
        places: dict[str, list[int]] = {}
        for place, those in enumerate(words):
            for word in those:
                places.setdefault(word, []).append(place)
        present = 0
        candidates: list[tuple[int, Rule, str]] = []
        for bits, brought in filter(None, map(self._worth.__getitem__, places)):
            present |= bits
            candidates += brought
        known: list[dict[Phrase, list[Span]]] = [{} for _ in sentences]
        present_in: dict[int, int] = {}
        for needed, rule, word in candidates:
            if needed & present == needed:
                for place in places[word]:
                    if needed:
                        if place not in present_in:
                            present_in[place] = self._bits_of(words[place])
                        if needed & present_in[place] != needed:
                            continue
                    _try(rule, sentences[place], known[place])
        return [{phrase: spans for phrase, spans in tried.items() if spans} for tried in known]

    def _bits_of(self, words: Iterable[str]) -> int:
        present = 0
        for bits, _ in filter(None, map(self._worth.__getitem__, words)):
            present |= bits
        return present

    def _worth_of(self, word: str) -> tuple[int, tuple[tuple[int, Rule, str], ...]] | None:
        """The bits of the needs that a word meets, and the rules that it brings up."""
        needs = dict.fromkeys(self._exact.get(word, ()))
        if word[0].isdigit():
            needs.update(dict.fromkeys(self._exact.get("#", ())))
        for length in range(1, min(len(word), self._longest) + 1):
            needs.update(dict.fromkeys(self._begins.get(word[:length], ())))
        for part, those in self._contains.items():
            if part in word:
                needs.update(dict.fromkeys(those))
        if not needs:
            return None
        bits = sum(self._bits.get(need, 0) for need in needs)
        return bits, tuple((*brought, word) for need in needs for brought in self._brings.get(need, ()))
