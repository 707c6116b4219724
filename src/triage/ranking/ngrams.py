"""Ranking, the wording: words, pairs of words and parts of words as a hashed bag, and its weights.

A text's distinct words and pairs of words (neighbours, next but one, and the beginnings of
neighbours) are looked up in a table of small whole numbers by the hash of each n-gram (the
hashing trick: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML
2009). A word stands for itself and for its character 3- to 5-grams, so that inflected and
misspelt forms share what they have in common. The sums are divided by the square root of the
number of n-grams: length does not decide.

A mail is read once (`bag`); every table then sums over the same bag, in training (`row`) and in
scoring (`Table`).
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple
from zlib import crc32

from triage.ranking.phrases import Memo

SHORTEST, LONGEST = 3, 5  # characters of a part of a word
FEWEST = 100  # n-grams that a text counts as having at least: a single word proves little
MOST_WORDS = 3_000  # of a text; what stands after them is not looked at
_CACHED_WORDS = 60_000
_BEGINNING = 5  # characters by which inflected words are alike
_LONGEST_WORD = 40  # characters; of a longer one the rest has no parts

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[!?]+|[^\w\s]")
_BITS = (1 << 32) - 1
_FIRST, _SECOND = 0x9E3779B1, 0x85EBCA6B  # odd, so that a pair's hash depends on the order
_APART, _ALIKE = 7, 11  # mark pairs with a word in between, and pairs of beginnings


class Word:
    """A word with the hashes of itself and of its parts (`grams`), and its shares in those of pairs."""

    __slots__ = ("begins_first", "begins_second", "first", "grams", "number", "second", "text")

    def __init__(self, text: str) -> None:
        code = _hash(f"w {text}")
        parts: list[int] = []
        begins = code
        if text[0].isalpha():
            padded = f" {text[:_LONGEST_WORD]} "
            parts = [
                _hash(padded[at : at + length])
                for length in range(SHORTEST, LONGEST + 1)
                for at in range(len(padded) - length + 1)
            ]
            begins = _hash(f"s {text[:_BEGINNING]}")
        self.text = text
        self.grams = (code, *parts)
        self.number = len(self.grams)
        self.first, self.second = code * _FIRST, code * _SECOND
        self.begins_first, self.begins_second = begins * _FIRST + _ALIKE, begins * _SECOND


class Bag(NamedTuple):
    """A text as its sentences, and the n-grams of each, which count where they first occur."""

    sentences: Sequence[str]
    words: Sequence[Sequence[str]]
    pairs: Sequence[Sequence[int]]  # hashes of pairs of words
    number: int  # of n-grams
    each: Sequence[Bag] = ()  # the bag of each sentence by itself

    @property
    def share(self) -> float:
        """What one n-gram counts."""
        return 1.0 / math.sqrt(max(self.number, FEWEST))

    def without_pairs(self) -> Bag:
        """Its words alone."""
        number = sum([len(hashed[word].grams) for words in self.words for word in words])
        return Bag(self.sentences, self.words, [()] * len(self.words), number)


EMPTY = Bag((), (), (), 0)


def tokens(text: str) -> list[str]:
    """Lower-case words, numbers as "0", runs of ! and ?, other signs one by one."""
    found = _TOKEN.findall(text.lower().replace("’", "'"))[:MOST_WORDS]
    return ["0" if token[0].isdigit() else token for token in found]


def _hash(gram: str) -> int:
    return crc32(gram.encode("utf-8", "replace"))


hashed: Memo[str, Word] = Memo(Word, most=_CACHED_WORDS)


def bag(sentences: Sequence[str]) -> Bag:
    """The words and pairs of words of a text, which is given as its sentences."""
    seen: set[str] = set()
    pairs_seen: set[int] = set()
    words: list[list[str]] = []
    pairs: list[list[int]] = []
    each: list[Bag] = []
    number = 0
    for sentence in sentences:
        found = [*map(hashed.__getitem__, tokens(sentence))]
        own = dict.fromkeys(found)
        own_pairs = _pairs(found)
        each.append(
            Bag(
                (sentence,),
                ([word.text for word in own],),
                (own_pairs,),
                sum([word.number for word in own]) + len(own_pairs),
            )
        )
        new = [word for word in own if word.text not in seen]
        words.append([word.text for word in new])
        seen.update(words[-1])
        pairs.append([pair for pair in own_pairs if pair not in pairs_seen])
        pairs_seen.update(own_pairs)
        number += sum([word.number for word in new]) + len(pairs[-1])
    return Bag(sentences, words, pairs, number, each)


def _pairs(words: Sequence[Word]) -> list[int]:
    """The hashes of a sentence's pairs of words, each once, in the order in which they occur."""
    neighbours = [(a.first + b.second) & _BITS for a, b in pairwise(words)]
    apart = [(a.first + b.second + _APART) & _BITS for a, b in zip(words, words[2:], strict=False)]
    alike = [(a.begins_first + b.begins_second) & _BITS for a, b in pairwise(words)]
    return [*dict.fromkeys(neighbours + apart + alike)]


def row(found: Bag, size: int, *, pairs: bool = True) -> dict[int, float]:
    """For training: a bag as bucket → value, as a `Table` of `size` (a power of two) rows counts it."""
    if not pairs:
        found = found.without_pairs()
    values: dict[int, float] = {}
    unit, mask = found.share, size - 1
    for words, own_pairs in zip(found.words, found.pairs, strict=True):
        for code in (*(gram for word in words for gram in hashed[word].grams), *own_pairs):
            values[code & mask] = values.get(code & mask, 0.0) + unit
    return values


@dataclass(slots=True)
class Table:
    """Weights of n-grams for several heads at once, as signed bytes.

    `scales` turn a head's sum of bytes into log-odds (or points of whatever the head gives).
    """

    heads: tuple[str, ...]
    scales: tuple[float, ...]
    columns: tuple[array[int], ...]  # for each head, its rows
    _words: Memo[str, tuple[int, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._words = Memo(self._of_word, most=_CACHED_WORDS)

    @classmethod
    def read(cls, heads: Sequence[str], scales: Sequence[float], content: bytes) -> Table:
        """From bytes, row by row each head's. Raises ValueError if they do not fit."""
        weights = array("b")
        weights.frombytes(content)
        width = max(1, len(heads))
        size = len(weights) // width
        if size * width != len(weights) or size & (size - 1) or not size:
            raise ValueError("the table of n-grams has a wrong length")
        return cls(tuple(heads), tuple(scales), tuple(weights[head::width] for head in range(width)))

    def _of_word(self, word: str) -> tuple[int, ...]:
        return self._sums(hashed[word].grams)

    def _sums(self, codes: Sequence[int]) -> tuple[int, ...]:
        mask = len(self.columns[0]) - 1
        places = [code & mask for code in codes]
        if len(places) < 2:
            return tuple([sum([column[place] for place in places]) for column in self.columns])
        picked = itemgetter(*places)
        return tuple([sum(picked(column)) for column in self.columns])

    def parts(self, found: Bag) -> list[tuple[float, ...]]:
        """What each sentence adds to each head; together they are the text's whole sum."""
        unit = found.share
        factors = [scale * unit for scale in self.scales]
        known = self._words
        result = []
        for words, pairs in zip(found.words, found.pairs, strict=True):
            sums = zip(self._sums(pairs), *[known[word] for word in words], strict=True)
            result.append(tuple([sum(own) * factor for own, factor in zip(sums, factors, strict=True)]))
        return result

    def of_words(self, found: Bag) -> list[float]:
        """The whole text's sum for each head, over its words alone."""
        unit = found.without_pairs().share
        sums = zip(*[self._words[word] for words in found.words for word in words], strict=True)
        totals = [sum(own) for own in sums] or [0] * len(self.heads)
        return [total * unit * scale for total, scale in zip(totals, self.scales, strict=True)]
