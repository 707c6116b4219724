"""The values that config.toml may hold: how each is checked and what it becomes.

Each type here raises ValueError in words that follow a key: "calling.lease: should be …".
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from triage.promises import parse_days, parse_duration, parse_hours

LONGEST = timedelta(days=366)

Filled = TypeVar("Filled", str, tuple[Any, ...])


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):  # a bare number could mean anything
        raise ValueError('should be a duration like "45m", "2h" or "1d"')
    duration = parse_duration(value).elapsed
    if duration > LONGEST:
        raise ValueError("should not be over a year")
    return duration


def _hours(value: object) -> object:
    by_day: dict[str, Any] = value if isinstance(value, dict) else {"mon-sun": value}
    if not all(isinstance(text, str) for text in by_day.values()):
        raise ValueError('should be hours like "09:00-17:30", or a table of them by day')
    parse_hours(by_day)
    return value


def _days(value: str) -> str:
    parse_days(value)
    return value


def _address(value: str) -> str:
    local, _, domain = value.strip().lower().rpartition("@")
    if not re.fullmatch(r"[^\s@<>,;:\"]+", local):
        raise ValueError(f'"{value}" should be a mail address')
    return f"{local}@{_domain(domain)}"


def _domain(value: str) -> str:
    domain = value.strip().lower().removeprefix("@").rstrip(".")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", domain):
        raise ValueError(f'"{value}" should be a domain')
    return domain


def _address_or_domain(value: str) -> str:
    return _address(value) if "@" in value.lstrip("@") else _domain(value)


def _optional_address(value: str) -> str:
    return value and _address(value)


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        raise ValueError(f'"{value}" should be a time zone like "Europe/London"') from None
    return value


def _promise(value: str) -> str:
    duration = parse_duration(value)
    if not duration.amount:
        raise ValueError('should be more than nothing, like "1 business day" or "4 business hours"')
    return str(duration)


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


def _extract(value: str) -> str:
    if value and re.compile(_pattern(value)).groups != 1:
        raise ValueError("should have exactly one group: the part to take")
    return value


def _like(pattern: str, words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"should be {words}")
        return value

    return AfterValidator(check)


def _not_empty(value: Filled) -> Filled:
    if not value:
        raise ValueError("should not be empty")
    return value


def _command(value: object) -> object:
    if isinstance(value, str):
        try:
            return tuple(shlex.split(value))
        except ValueError as error:
            raise ValueError(f"is no command line: {error}") from None
    return value


def _below(value: object, info: ValidationInfo) -> object:
    """A path as written → absolute; an empty one is no path."""
    if not isinstance(value, str):
        return value
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    try:
        return folder / Path(value).expanduser() if value else None
    except RuntimeError:
        raise ValueError(f'"{value}" begins with the home of nobody known here') from None


def is_loopback(host: str) -> bool:
    """True for this machine's own names and addresses."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _store_url(value: str, info: ValidationInfo) -> str:
    if value.startswith(("postgresql://", "postgres://")):
        return value
    if not value:
        import platformdirs

        return f"sqlite:///{platformdirs.user_data_path('triage') / 'triage.sqlite3'}"
    name = value.removeprefix("sqlite:///")
    path = _below(name, info) if name != value else None
    if not path:
        raise ValueError('should begin with "sqlite:///" or "postgresql://"')
    return f"sqlite:///{path}"


Count = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]
Switch = Annotated[bool, Field(strict=True)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Durations = Annotated[tuple[Duration, ...], AfterValidator(_not_empty)]
Hours = Annotated[str | Mapping[str, str], BeforeValidator(_hours)]
Days = Annotated[str, AfterValidator(_days)]
Addr = Annotated[str, AfterValidator(_address)]
Addrs = Annotated[tuple[Addr, ...], AfterValidator(_not_empty)]
OptionalAddr = Annotated[str, AfterValidator(_optional_address)]
Domain = Annotated[str, AfterValidator(_domain)]
AddrOrDomain = Annotated[str, AfterValidator(_address_or_domain)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Extract = Annotated[str, AfterValidator(_extract)]
OptionalCommand = Annotated[tuple[str, ...], BeforeValidator(_command)]
Command = Annotated[OptionalCommand, AfterValidator(_not_empty)]
Text = Annotated[str, AfterValidator(_not_empty)]
Name = Annotated[str, _like("[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "named by letters, digits, - and _")]
Host = Annotated[str, _like(r"[^\s/@]+", "a server's name")]
Zone = Annotated[str, AfterValidator(_timezone)]
Within = Annotated[str, AfterValidator(_promise)]
WithinOrNever = Annotated[str, AfterValidator(lambda value: _promise(value) if value else value)]
Language = Annotated[str, _like("[a-z]{2}", 'two letters like "en"')]
Languages = Annotated[tuple[Language, ...], AfterValidator(_not_empty)]
Country = Annotated[str, AfterValidator(str.upper), _like("[A-Z]{2}", 'two letters like "GB"')]
Holidays = Annotated[str, _like("([A-Z]{2}(-[A-Z0-9]{1,3})?)?", '"GB", "DE-BY" or empty')]
OptionalPath = Annotated[Path | None, BeforeValidator(_below)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
