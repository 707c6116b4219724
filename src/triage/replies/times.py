"""Times as a letter words them: "within one business day", "by Monday, 30 November at 16:00"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.promises import BusinessDuration

Words = Mapping[str, Any]  # the [reply] table of wording/<language>.toml


def within(duration: BusinessDuration, words: Words) -> str:
    """A promised length of time: "within two business days"."""
    one, many = words["within"][duration.unit.replace(" ", "_")]
    if duration.amount == 1:
        return str(one)
    numbers = words["numbers"]
    count = numbers[duration.amount - 1] if 0 < duration.amount <= len(numbers) else str(duration.amount)
    return str(many).format(n=count)


def moment(at: datetime, words: Words) -> str:
    """A day and a time of day, in the time zone of `at`: "Monday, 30 November at 16:00"."""
    said: str = words["moment"].format(
        weekday=words["long_weekdays"][at.weekday()],
        day=at.day,
        month=words["months"][at.month - 1],
        time=f"{at:%H:%M}",
    )
    return said
