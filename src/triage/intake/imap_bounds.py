"""How long a conversation with a server may last, and how much may be said in it.

A socket's time-out bounds the wait for one packet only, so a server that drips a byte now and
then could hold a run for hours. Here each packet counts against three bounds: the silence
allowed, the step's total time, and the run's deadline. The octets that a step may receive are
bounded too, so that no announced literal can exhaust the memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from triage.errors import DeadlineError, NetworkError, ProtocolError, TriageError

STEP_OCTETS = 16_000_000  # what any answer may hold besides the octets that were asked for
SLOWEST = 16_000  # octets a second: a body that comes slower than this is given up


class Bounds:
    """What a step may still take: seconds of silence, seconds in all, and octets."""

    def __init__(self, deadline: Callable[[], float], step_timeout: float, where: str) -> None:
        self._deadline = deadline
        self._silence = step_timeout
        self.where = where
        self.start("connect")

    def start(self, doing: str, octets: int = 0, *, within: float | None = None) -> None:
        """Begins a step that is expected to carry `octets` of mail, `within` so many seconds."""
        self.doing = doing
        self._ends = time.monotonic() + (within or self._silence + octets / SLOWEST)
        self._octets = STEP_OCTETS + 2 * octets  # servers may estimate RFC822.SIZE
        self.patience()

    def patience(self) -> float:
        """Seconds to wait for the next packet. Raises DeadlineError or NetworkError when none are left."""
        run = self._deadline()
        if run <= 0.01:  # a socket may wake up a moment before its time-out
            raise DeadlineError(
                f"{self.where}: the time of this run is used up (while it wanted to {self.doing})",
                hint="what is left is done by the next run; limits.run_seconds sets the time",
            )
        step = self._ends - time.monotonic()
        if step <= 0:
            raise self._too_slow()
        return min(self._silence, run, step)

    def silent(self) -> TriageError:
        """The error for a wait in which nothing came."""
        try:
            self.patience()
        except TriageError as error:
            return error
        return self._too_slow()

    def receive(self, octets: int) -> None:
        """Counts what came in (or was announced)."""
        self._octets -= octets
        if self._octets < 0:
            raise ProtocolError(f"{self.where}: sent far more than was asked for ({self.doing})")

    def _too_slow(self) -> NetworkError:
        return NetworkError(
            f"{self.where}: timed out (could not {self.doing})",
            hint="the server is slow or unreachable; the next run tries again",
        )
