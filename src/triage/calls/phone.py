"""Whose number may be called: telephone numbers found in a mail, and the requester's own (pure).

    requester_number(message, default_country="GB") -> ("+447700900462", "signature")
    find(text, default_country="GB")                -> every telephone number in a text
    allowed(e164, countries=("GB", "IE"))           -> "" or why it must not be dialled
    display(e164, home_country="GB"), time_zone(e164, fallback="Europe/London")

A wrong number means that a stranger hears of a customer's trouble, so a run of digits counts
as a telephone number only if it is written like one or called one, and as the requester's
only if nothing says that it is ours, a third party's, or a fax. Numbers set aside for drama
count as valid: samples and tests are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from triage.calls import phone_words as words
from triage.types import Message

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

CHARS = 60_000
"""Characters of a text that are searched."""

NUMBERS = 50
"""Numbers taken from one text: a directory pasted into a mail holds nobody's own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A telephone number. `kind`: mobile, fixed, toll_free, premium, shared_cost, satellite,
    voip or unknown. `country` is ISO 3166 (empty for satellites and the like); `raw` is how the
    mail wrote it. A number can be possible (of a right length) without being valid (assigned).
    """

    e164: str
    kind: str
    country: str
    time_zones: tuple[str, ...]
    raw: str
    valid: bool
    possible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighting:
    """A number where it stands, and how likely it is the writer's own: see `phone_words`."""

    number: Number
    rank: int


def requester_number(
    message: Message, *, default_country: str, own_numbers: Collection[str] = ()
) -> tuple[str | None, str]:
    """The requester's own number (E.164) and where it stands, or (None, "").

    Where: "source" (a configured pattern found it), "own_text", "signature", "quoted" (an
    earlier mail of theirs, quoted). What is called "my number" or "mobile" goes before a plain
    number, that before an office line; newer text before older. `own_numbers` are ours (E.164),
    as are those in what the requester quotes from us.
    """
    countries = _likely_countries(message, default_country)
    if given := next(_numbers(message.requester_phone, countries, trusted=True), None):
        return given.number.e164, "source"
    theirs, ours = _by_author(message)
    excluded = {s.number.e164 for s in _numbers(ours, countries)} | set(own_numbers)
    newly = [
        (sighting.rank, -place, where, sighting.number.e164)
        for place, (where, text) in enumerate(
            (("own_text", message.new_text), ("signature", message.signature))
        )
        for sighting in _numbers(text, countries, trusted=where == "signature")
        if sighting.rank > 0 and sighting.number.e164 not in excluded
    ]
    if newly:
        _, _, where, e164 = max(newly, key=lambda found: found[:2])
        return e164, where
    for sighting in sorted(_numbers(theirs, countries), key=lambda s: -s.rank):
        if sighting.rank > 0 and sighting.number.e164 not in excluded:
            return sighting.number.e164, "quoted"
    return None, ""


def find(text: str, *, default_country: str, exclude: Collection[str] = ()) -> tuple[Number, ...]:
    """Every telephone number in `text`, in order, each once, faxes and third parties' included.

    `default_country` (ISO 3166) is where a number without a country code belongs; `exclude`
    holds E.164 numbers that are not wanted.
    """
    found = (s.number for s in _numbers(text, (default_country,)))
    return tuple({n.e164: n for n in found if n.e164 not in exclude}.values())


def allowed(e164: str, *, countries: Collection[str] = ()) -> str:
    """An empty string, or the reason why this number must not be dialled.

    Premium-rate, shared-cost and satellite numbers never are, nor those outside `countries`
    (ISO 3166; empty: every country). A toll-free number belongs to a country like any other.
    """
    number = _describe(e164)
    if number is None:
        return "this is no telephone number"
    if number.kind in _COSTLY:
        return f"{_COSTLY[number.kind]} numbers are never dialled"
    if countries and number.country not in {c.upper() for c in countries}:
        return f"calls to {number.country or 'this kind of number'} are not allowed (calling.countries)"
    return ""


def display(e164: str, *, home_country: str) -> str:
    """The number in readable groups: national at home, international abroad. Unreadable: as it is."""
    import phonenumbers

    parsed = _parse(e164, "")
    if parsed is None:
        return e164
    home = parsed.country_code == phonenumbers.country_code_for_region(home_country.upper())
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, style))


def time_zone(e164: str, *, fallback: str) -> str:
    """The IANA time zone where the number rings.

    Of several (a mobile of a wide country) it is the middle one; `fallback` if unknown or if it
    is one of them.
    """
    number = _describe(e164)
    zones = number.time_zones if number else ()
    if not zones or fallback in zones:
        return fallback
    winter = datetime(2026, 1, 15, 12, tzinfo=UTC)
    ordered = sorted(zones, key=lambda name: (winter.astimezone(ZoneInfo(name)).replace(tzinfo=UTC), name))
    return ordered[len(ordered) // 2]


def region(e164: str, *, fallback: str) -> str:
    """Country and IANA time zone where the number rings, as "GB Europe/London".

    Empty for an unreadable number; a number of no country (a satellite's) has only the
    `fallback` zone, after a blank.
    """
    number = _describe(e164)
    return f"{number.country} {time_zone(e164, fallback=fallback)}" if number else ""


# --------------------------------------------------------------------------- finding

# A run of digits with the signs that people put between them; bounded, so linear.
# "030 / 23125" is one number; before a 0 the stroke parts two.
_RUN = re.compile(
    r"(?<![\w@#.,:=+/-])[+(]?\(?\d(?:(?:[ \u00a0\u202f().\-–]{0,3}| ?/ ?(?!0))\d){6,18}(?![\w@%])"
)
_DATE = re.compile(
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)?\d\d|(?:19|20)\d\d([./-])\d{1,2}\2\d{1,2})(?!\d|[./-]\d)"
)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_GROUPED_AS_CARD = re.compile(r"\d{4}(?:[ -]\d{4}){2,}")
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}")
_IBAN_HEAD = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z]{4} ?)?$")

# Numbers that the authorities set aside for drama and that libraries call unassigned:
# Ofcom; ComReg; NANPA 555-01xx; ARCEP.
_DRAMA = re.compile(
    r"\+44(?:7700900|1632960|3069990)\d{3}|\+3532091\d{5}|\+1[2-9]\d\d55501\d\d"
    r"|\+33(?:19900|26191|35301|46571|53649|63998)\d{4}"
)


def _numbers(text: str, countries: tuple[str, ...], *, trusted: bool = False) -> Iterator[_Sighting]:
    """The telephone numbers in `text`, in order, ranked.

    `trusted`: the text is a place for telephone numbers (a signature, a form's field), so a
    number needs no words around it to be taken for the writer's.
    """
    taken = 0
    lines = text[:CHARS].splitlines()
    for at, line in enumerate(lines):
        for match in _RUN.finditer(line):
            before = line[max(0, match.start() - words.CONTEXT) : match.start()] or (
                lines[at - 1] if at else ""
            )
            alone = trusted or len(line) - len(match.group()) <= 25
            rank = words.rank(before, line[match.end() : match.end() + 20], alone=alone)
            number = _read(match.group().strip(), before, countries, called=rank == words.MINE)
            if number is None:
                continue
            yield _Sighting(number=number, rank=rank)
            taken += 1
            if taken == NUMBERS:
                return


def _read(raw: str, before: str, countries: tuple[str, ...], *, called: bool) -> Number | None:
    """The run of digits as a telephone number, or None if it is something else.

    `called`: the writer says that one may ring there, which is as good as a label.
    """
    label = words.label(before)
    called = called or label not in ("", words.REFERENCE)
    if label == words.REFERENCE and not raw.startswith("+"):
        return None
    if _DATE.match(raw) or _IP.fullmatch(raw) or _IBAN_HEAD.search(before[-12:]):
        return None
    if _GROUPED_AS_CARD.match(raw) or before.rstrip().endswith(("£", "$", "€", "EUR", "GBP", "USD")):
        return None
    if raw.startswith(("+", "(+", "00", "(00")):
        digits = raw.lstrip("(").removeprefix("+").removeprefix("00")
        return _accept(_parse(f"+{digits}", ""), raw, labelled=called or "+" in raw[:2])
    likely = [country for country in countries if _written_for(raw, country)]
    for country in likely:
        if number := _accept(_parse(raw, country), raw, labelled=False):
            return number
    if _NORTH_AMERICAN.fullmatch(raw):
        return _accept(_parse(raw, "US"), raw, labelled=True)
    # Called a telephone number, but assigned to nobody we know of: trust the writer.
    return _accept(_parse(raw, likely[0]), raw, labelled=True) if called and likely else None


def _accept(parsed: PhoneNumber | None, raw: str, *, labelled: bool) -> Number | None:
    """The number if it is valid, or possible where the text itself calls it a number."""
    if parsed is None:
        return None
    number = _number(parsed, raw)
    return number if number.valid or (labelled and number.possible) else None


def _written_for(raw: str, country: str) -> bool:
    """True if people of `country` write numbers so: with its trunk prefix, or in its groups."""
    import phonenumbers

    trunk = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    if country in words.NORTH_AMERICA:
        return _NORTH_AMERICAN.fullmatch(raw) is not None
    if trunk:
        return raw.lstrip("(").startswith(trunk)
    return not raw.isdigit()  # no trunk prefix (es, it, pl, dk, no …): groups tell it from a reference


def _parse(raw: str, country: str) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return None


def _describe(e164: str) -> Number | None:
    parsed = _parse(e164, "")
    return _number(parsed, e164) if parsed else None


def _number(parsed: PhoneNumber, raw: str) -> Number:
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_number

    e164 = str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    code = parsed.country_code or 0
    country = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
    kind = words.KINDS.get(phonenumbers.number_type(parsed), "unknown")
    return Number(
        e164=e164,
        kind="satellite" if code in _SATELLITE else kind,
        country="" if country in ("001", "ZZ") else country,
        time_zones=tuple(z for z in time_zones_for_number(parsed) if z != "Etc/Unknown"),
        raw=raw,
        valid=phonenumbers.is_valid_number(parsed) or _DRAMA.fullmatch(e164) is not None,
        possible=phonenumbers.is_possible_number(parsed),
    )


_SATELLITE = frozenset({870, 881, 882, 883})
_COSTLY = {"premium": "premium-rate", "shared_cost": "shared-cost", "satellite": "satellite"}

# --------------------------------------------------------------------------- whose and where from


def _by_author(message: Message) -> tuple[str, str]:
    """The quoted text in two: what the requester wrote, and what we (or others) wrote.

    An attribution ("On …, Rhys wrote:", "From: Rhys <…>") says whose the lines below it are.
    Until one is seen they are ours, since a mail to us mostly quotes our answer.
    """
    theirs: list[str] = []
    ours: list[str] = []
    author = ours
    names = {n.lower() for n in _names(message)}
    previous = ""
    for line in message.quoted_text[:CHARS].splitlines():
        bare = line.lstrip("> \t").lower()
        # Attributions are wrapped over two lines often enough.
        if words.ATTRIBUTION.match(bare) or (bare.endswith(":") and words.WROTE.search(bare)):
            whose = f"{previous} {bare}" if words.WROTE.search(bare) else bare
            is_ours = any(person.address in whose for person in message.to)
            author = theirs if not is_ours and any(name in whose for name in names) else ours
        author.append(line.lstrip("> \t"))
        previous = bare
    return "\n".join(theirs), "\n".join(ours)


def _names(message: Message) -> Iterator[str]:
    for person in (message.requester, message.sender):
        if person:
            yield person.address
            if " " in person.name:  # a first name alone may be an agent's too
                yield person.name


def _likely_countries(message: Message, default_country: str) -> tuple[str, ...]:
    """Where a number without country code may belong, most likely first.

    The requester's top-level domain is the best sign; then our own country; then the language
    they write in. English is at home in many places: there the clock of the Date header helps.
    """
    tld = message.requester.domain.rpartition(".")[2] if message.requester else ""
    language = _language(message)
    found = [words.DOMAINS.get(tld, ""), default_country.upper()]
    offset = message.date.utcoffset() if message.date else None
    if language == "en" and offset is not None:
        found.extend(words.CLOCKS.get(offset / timedelta(hours=1), ()))
    found.extend(words.LANGUAGES.get(language, ()))
    return tuple(dict.fromkeys(c for c in found if c))


def _language(message: Message) -> str:
    import eldc

    eldc.init()
    return str(eldc.detect(message.new_text[:2_000]))
