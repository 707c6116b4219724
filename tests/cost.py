"""What work costs, so that a test can tell linear time from quadratic on a machine however slow or busy."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from math import inf
from typing import TypeVar

Given = TypeVar("Given")

_TOO_SHORT = 0.002  # seconds: less than this is noise
_TRIES = 4


def in_proportion(
    work: Callable[[Given], object], small: Given, large: Given, *, times: int, within: float = inf
) -> bool:
    """True if `large`, `times` as long as `small`, costs not much more than `times` as much.

    Nor more than `within` seconds, where given: a bound that only a runaway reaches.

    Quadratic work costs `times` as much again, so `times` is at least 8 for a clear answer. The cost is
    processor time without garbage collection, the least of some tries: a busy machine spoils one, not all.
    """
    if times < 8:
        raise ValueError("a smaller step tells linear from quadratic work too seldom")
    work(small)  # what is read or compiled once is no part of the cost
    least = _seconds(work, small)
    bound = min(times * 3 * max(least, _TOO_SHORT), within)
    return any(_seconds(work, large) < bound for _ in range(_TRIES))


def _seconds(work: Callable[[Given], object], given: Given) -> float:
    return min(timeit.repeat(lambda: work(given), number=1, repeat=2, timer=time.process_time))
