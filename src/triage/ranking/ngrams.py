"""Ranking, the wording: words, word pairs and parts of words as a hashed bag, and its weights.

A text's distinct words and pairs of neighbouring words are looked up in a table of small
whole numbers by the hash of each n-gram (the hashing trick: Weinberger et al., "Feature
Hashing for Large Scale Multitask Learning", ICML 2009). A word stands for itself and for its
character 3- to 5-grams, so that inflected and misspelt forms share what they have in common.
The sums are divided by the square root of the number of n-grams: length does not decide.

The same functions serve training (`rows`) and scoring (`Table`), so that both see one bag.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zlib import crc32

SHORTEST, LONGEST = 3, 5  # characters of a part of a word
FEWEST = 20  # n-grams that a text counts as having at least: a single word proves little
MOST_WORDS = 3_000  # of a text; what stands after them is not looked at
_CACHED_WORDS = 60_000

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[!?]+|[^\w\s]")


def tokens(text: str) -> list[str]:
    """Lower-case words, numbers as "0", runs of ! and ?, other signs one by one."""
    found = _TOKEN.findall(text.lower().replace("’", "'"))[:MOST_WORDS]
    return ["0" if token[0].isdigit() else token for token in found]


def grams_of_word(word: str) -> list[str]:
    """The n-grams that one word stands for."""
    grams = [f"w {word}"]
    if word[0].isalpha():
        padded = f" {word[:40]} "
        grams += [
            padded[at : at + length]
            for length in range(SHORTEST, LONGEST + 1)
            for at in range(len(padded) - length + 1)
        ]
    return grams


def gram_of_pair(first: str, second: str) -> str:
    return f"b {first} {second}"


def bucket(gram: str, size: int) -> int:
    """Where an n-gram lies in a table of `size` (a power of two) rows."""
    return crc32(gram.encode("utf-8", "replace")) & (size - 1)


def bag(text: str) -> tuple[dict[str, int], int]:
    """The n-grams of a text with how many distinct words or pairs show each; and their number."""
    words = tokens(text)
    counts: dict[str, int] = {}
    number = 0
    for word in dict.fromkeys(words):
        grams = grams_of_word(word)
        number += len(grams)
        for gram in grams:
            counts[gram] = counts.get(gram, 0) + 1
    for pair in dict.fromkeys(pairwise(words)):
        counts[gram_of_pair(*pair)] = 1
        number += 1
    return counts, number


def share(number: int) -> float:
    """What one n-gram counts in a text that has `number` of them."""
    return 1.0 / math.sqrt(max(number, FEWEST))


@dataclass(slots=True)
class Table:
    """Weights of n-grams for several heads at once, as signed bytes: row × head.

    `scales` turn a head's sum of bytes into log-odds (or points of whatever the head gives).
    """

    heads: tuple[str, ...]
    scales: tuple[float, ...]
    weights: array[int]
    _words: dict[str, tuple[tuple[int, ...], int]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, heads: Sequence[str], scales: Sequence[float], content: bytes) -> Table:
        """From the bytes that `content` wrote. Raises ValueError if they do not fit."""
        weights = array("b")
        weights.frombytes(content)
        size = len(weights) // max(1, len(heads))
        if size * len(heads) != len(weights) or size & (size - 1) or not size:
            raise ValueError("the table of n-grams has a wrong length")
        return cls(tuple(heads), tuple(scales), weights)

    @property
    def size(self) -> int:
        return len(self.weights) // len(self.heads)

    def word(self, word: str) -> tuple[tuple[int, ...], int]:
        """Sums of a word's n-grams for each head, and how many n-grams those are."""
        known = self._words.get(word)
        if known is None:
            if len(self._words) >= _CACHED_WORDS:
                self._words.clear()
            grams = grams_of_word(word)
            known = self._words[sys.intern(word)] = (self._sums(grams), len(grams))
        return known

    def _sums(self, grams: Iterable[str]) -> tuple[int, ...]:
        width, size, weights = len(self.heads), self.size, self.weights
        rows = [bucket(gram, size) * width for gram in grams]
        return tuple(sum(weights[row + head] for row in rows) for head in range(width))

    def pair(self, first: str, second: str) -> tuple[int, ...]:
        row = bucket(gram_of_pair(first, second), self.size) * len(self.heads)
        return tuple(self.weights[row : row + len(self.heads)])

    def parts(self, sentences: Sequence[str]) -> list[tuple[float, ...]]:
        """What each sentence adds to each head; together they are the text's whole sum.

        A word or pair counts where it first occurs.
        """
        width = len(self.heads)
        words_seen: set[str] = set()
        pairs_seen: set[tuple[str, str]] = set()
        sums: list[list[int]] = []
        number = 0
        last = ""
        for sentence in sentences:
            own = [0] * width
            for word in tokens(sentence):
                if word not in words_seen:
                    words_seen.add(word)
                    weights, count = self.word(word)
                    number += count
                    for head in range(width):
                        own[head] += weights[head]
                if last and (last, word) not in pairs_seen:
                    pairs_seen.add((last, word))
                    number += 1
                    for head, weight in enumerate(self.pair(last, word)):
                        own[head] += weight
                last = word
            sums.append(own)
        factors = [scale * share(number) for scale in self.scales]
        return [tuple(n * factor for n, factor in zip(own, factors, strict=True)) for own in sums]

    def total(self, sentences: Sequence[str]) -> dict[str, float]:
        """The whole text's sum for each head."""
        sums = zip(*self.parts(sentences), strict=True) if sentences else ((0.0,),) * len(self.heads)
        return {head: float(sum(values)) for head, values in zip(self.heads, sums, strict=True)}


def rows(texts: Iterable[str], size: int) -> Iterator[dict[int, float]]:
    """For training: each text's bag as bucket → value, as `Table` will count it."""
    for text in texts:
        counts, number = bag(text)
        unit = share(number)
        row: dict[int, float] = {}
        for gram, count in counts.items():
            place = bucket(gram, size)
            row[place] = row.get(place, 0.0) + count * unit
        yield row
