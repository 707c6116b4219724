"""Callback windows: when requesters say that they can be phoned ("try me after 6").

    wish = asked(message.new_text, "en", received=…)   a CallbackWindow, or None
    wish.within(week, today)                           the calling hours that keep it

What they say narrows the hours in which they are phoned anyhow; it never widens them. The
words are those of `callback.toml`. Pure.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from triage.intake.sentences import sentences
from triage.promises import DAYS, Span, Week, parse_days

_NOON, _EVENING, _MIDNIGHT = time(12), time(17), time(0)
_PARTS = ((time(8), _NOON), (_NOON, time(14)), (_NOON, time(18)), (_EVENING, time(22)))
_WORKDAYS, _WEEKEND = frozenset(range(5)), frozenset({5, 6})
_NIGHT = 7  # an hour up to it, said without am or pm, is one of the afternoon
_AN_HOUR = timedelta(hours=1)
_NUMBER = re.compile(r"(?:\d[ ./-]?){8,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackWindow:
    """Hours of the day, weekdays (empty: any) and, of a wish for one day, its date."""

    start: time = _MIDNIGHT
    end: time = _MIDNIGHT  # 00:00 is the end of the day
    days: frozenset[int] = frozenset()
    until: date | None = None  # after it the wish has lapsed
    said: str = ""  # their sentence

    def __str__(self) -> str:
        """As it is kept: "18:00-20:00 mon,tue until 2026-11-27"."""
        days = " " + ",".join(DAYS[day] for day in sorted(self.days)) if self.days else ""
        lapse = f" until {self.until.isoformat()}" if self.until else ""
        return f"{self.start:%H:%M}-{self.end:%H:%M}{days}{lapse}"

    @classmethod
    def parse(cls, kept: str) -> CallbackWindow:
        """Read what `str` wrote. ValueError otherwise."""
        window, _, lapse = kept.partition(" until ")
        hours, _, days = window.partition(" ")
        start, _, end = hours.partition("-")
        return cls(
            start=time.fromisoformat(start),
            end=time.fromisoformat(end),
            days=frozenset(parse_days(days)) if days else frozenset(),
            until=date.fromisoformat(lapse) if lapse else None,
        )

    def within(self, week: Week, today: date) -> Week:
        """The part of `week` that keeps the wish; all of it once the wish has lapsed."""
        if self.until and today > self.until:
            return week
        return tuple(
            tuple(filter(None, (self._cut(span) for span in spans)))
            if not self.days or day in self.days
            else ()
            for day, spans in enumerate(week)
        )

    def _cut(self, span: Span) -> Span | None:
        start = max(span[0], self.start)
        end = min(span[1], self.end, key=lambda clock: (clock == _MIDNIGHT, clock))
        return (start, end) if start < end or end == _MIDNIGHT else None


def asked(text: str, language: str, *, received: datetime, answering: bool = False) -> CallbackWindow | None:
    """The wish in a mail, or None. `received`: in the requester's time zone.

    `answering`: we asked them for a number and a time, so a bare time is one, too.
    """
    if language not in _languages():
        return None
    words = _words(language)
    written = sentences(text[:20_000])
    for place, sentence in enumerate(written):
        if len(sentence) > 400:
            continue
        close_by = " ".join(written[max(0, place - 1) : place + 2])
        invited = answering or bool(words.phone.search(close_by) or _NUMBER.search(close_by))
        for clause in re.split(r"[;!?]|:(?!\d)| [-–—] |, ", _plain(sentence)):
            asks = answering or words.invite.search(clause) or (invited and words.there.search(clause))
            if asks and not words.past.search(clause):
                wish = _read(clause, words, received)
                if wish is not None:
                    return replace(wish, said=sentence)
    return None


# --------------------------------------------------------------------------- one clause


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    invite: re.Pattern[str]
    there: re.Pattern[str]
    phone: re.Pattern[str]
    since: re.Pattern[str]
    past: re.Pattern[str]
    never: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    at: re.Pattern[str]
    between: re.Pattern[str]
    parts: tuple[re.Pattern[str], ...]
    days: tuple[re.Pattern[str], ...]
    workdays: re.Pattern[str]
    weekend: re.Pattern[str]
    today: re.Pattern[str]
    tomorrow: re.Pattern[str]
    numbers: tuple[str, ...]


def _read(clause: str, words: _Words, received: datetime) -> CallbackWindow | None:
    hours = _hours(clause, words)
    days, until = _days(clause, words, received.date(), with_hours=hours is not None)
    if hours is None and not days:
        return None
    never = words.never.search(_without_times(clause, words))
    if never and hours is not None:
        if days:
            return None  # "not on Friday after 3": the rest of the week is too much to guess
        start, end = hours
        hours = (end, _MIDNIGHT) if start <= _NOON and end != _MIDNIGHT else (_MIDNIGHT, start)
    elif never:
        days, until = frozenset(range(7)) - days, None
    start, end = hours or (_MIDNIGHT, _MIDNIGHT)
    return CallbackWindow(start=start, end=end, days=days, until=until)


def _hours(clause: str, words: _Words) -> Span | None:
    """From when to when on a day."""
    if found := words.between.search(clause):
        said = [group for group in found.groups() if group]
        first, last = _clock(said[0], words, hint=said[1]), _clock(said[1], words)
        return (first, last) if first and last and first < last else None
    after, before = words.after.search(clause), words.before.search(clause)
    if after and before and before.start() <= after.start() < before.end():
        after = None  # "not after 6" holds an "after 6"
    elif after and before and after.start() <= before.start() < after.end():
        before = None
    start = _clock(after[1], words) if after else None
    end = _clock(before[1], words) if before else None
    if start or end:
        return (start or _MIDNIGHT, end or _MIDNIGHT) if not (start and end) or start < end else None
    if found := words.at.search(clause):
        clock = _clock(found[1], words)
        if clock is None:
            return None
        return clock, (datetime.combine(date.min, clock) + _AN_HOUR).time()
    parts = [hours for pattern, hours in zip(words.parts, _PARTS, strict=True) if pattern.search(clause)]
    return (parts[0][0], parts[-1][1]) if parts else None


def _days(clause: str, words: _Words, today: date, *, with_hours: bool) -> tuple[frozenset[int], date | None]:
    """Weekdays, and the date after which a wish for one day has lapsed."""
    if words.tomorrow.search(clause):
        day = today + timedelta(days=1)
        return frozenset({day.weekday()}), day
    if words.today.search(clause) and with_hours:
        return frozenset({today.weekday()}), today
    clause = words.since.sub(" ", clause)
    days = {day for day, pattern in enumerate(words.days) if pattern.search(clause)}
    if words.workdays.search(clause):
        days |= _WORKDAYS
    if words.weekend.search(clause):
        days |= _WEEKEND
    return frozenset(days), None


def _without_times(clause: str, words: _Words) -> str:
    """The clause without "not before 6", so that what is left of "not" turns the wish around."""
    for pattern in (words.after, words.before):
        clause = pattern.sub(" ", clause)
    return clause


# --------------------------------------------------------------------------- a time of day

_ARTICLE = r"(?:the |den |dem |les? |las? |alle |às |as |um |kl\.? )?"
_SUFFIX = r"(?:\s?(?:a\.?m\b\.?|p\.?m\b\.?|o'clock|uhr|heures?|horas?|uur|hrs?\b|h\b|u\b))"
_DIGITS = r"\d{1,2}(?:[:.h][0-5]\d)?"
# A bare number is a time only if no thing follows that it may count ("the 12 boxes").
_NO_THING = (
    r"(?=\W*$|\s*[.,)]|\s(?:and|or|on|in|at|to|till|until|if|when|as|please|thanks|any|tomorrow|today|mon|tue|wed|thu|fri|sat"
    r"|und|oder|an|am|bis|bitte|heute|morgen|wenn|et|ou|à|s'il|svp|merci|y|o|a|hasta|por|gracias|e|oppure|alle|per|grazie"
    r"|en|of|tot|aub|maar|se|às|as|até|obrigad)|\s?[-–])"
)


def _clock(said: str, words: _Words, *, hint: str = "") -> time | None:
    """ "6", "6 pm", "18h30", "half" … as a time; `hint` lends its am or pm."""
    digits = re.search(r"(\d{1,2})(?:[:.h]([0-5]\d))?", said)
    if digits:
        hour, minute = int(digits[1]), int(digits[2] or 0)
    else:
        spelled = re.sub(r"\W", "", said.split()[0]) if said.split() else ""
        if spelled not in words.numbers:
            return None
        hour, minute = words.numbers.index(spelled) + 1, 0
    half = re.search(r"[ap](?=\.?m\b)", said) or re.search(r"[ap](?=\.?m\b)", hint)
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    elif hour <= _NIGHT:
        hour += 12
    return time(hour % 24, minute) if hour <= 24 else None


@cache
def _languages() -> dict[str, Any]:
    return tomllib.loads((files("triage.calls") / "callback.toml").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> _Words:
    told = _languages()[language]
    number = f"(?:{_DIGITS}|(?:{'|'.join(told['numbers'])})\\b)"
    no_price = r"(?![\d/€$£%])(?!\.\d)"
    clock = f"({number}(?:{_SUFFIX}|{_NO_THING})){no_price}"
    surely = f"({number}{_SUFFIX}?){no_price}"  # "between 2 and 4" counts no things

    def before_a_time(phrases: list[str]) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(phrases)}) {_ARTICLE}{clock}")

    return _Words(
        **{
            name: re.compile("|".join(told[name]), re.IGNORECASE)
            for name in ("invite", "there", "past", "never")
        },
        phone=re.compile(told["phone"], re.IGNORECASE),
        since=re.compile(rf"\b(?:{'|'.join(told['since'])}) (?:{'|'.join(told['days'])})"),
        **{name: before_a_time(told[name]) for name in ("after", "before", "at")},
        between=re.compile(
            "|".join(
                phrase.replace("{}", f"{_ARTICLE}{clock if phrase.startswith('{') else surely}")
                for phrase in told["between"]
            )
        ),
        parts=tuple(map(re.compile, told["parts"])),
        days=tuple(map(re.compile, told["days"])),
        **{name: re.compile(told[name]) for name in ("workdays", "weekend", "today", "tomorrow")},
        numbers=tuple(told["numbers"]),
    )


def _plain(sentence: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(sentence.replace("’", "'").lower().split())
