"""Tries templates out before a customer sees them (pure but for the templates).

    for problem in problems("en", settings): …    what is missing, unknown, or against the playbook

Every kind is worded for plans of all sorts: the barest, the fullest, with a list, in many
wordings. What a real draft says is checked again when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from triage import texts
from triage.errors import ConfigError
from triage.promises import parse_duration
from triage.replies.compose import FILLING, KINDS, LETTERS, Plan, ReplySettings, compose, kinds
from triage.replies.playbook import Fault, check
from triage.replies.times import within

SEEDS = 12  # wordings that are tried of each plan
_CALM = frozenset({"praise", "feature", "internal", "unclear", "serious", "incident", *LETTERS})
_NO_QUOTE = frozenset({"serious", "emergency", "unclear", "incident", *LETTERS})
_PARTS = ("wording", "playbook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with the texts of a language. `kind` is empty if it is none of one kind."""

    language: str
    kind: str
    rule: str  # of the playbook; empty: a template that is missing or broken
    message: str
    text: str = ""  # a draft that shows it

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.language, self.kind)))
        return f"{where}: {self.message}" if not self.rule else f"{where}: {self.rule}: {self.message}"


def problems(language: str, settings: ReplySettings) -> Iterator[Problem]:
    """What `triage templates check` tells of one language, each once."""
    folder = settings.team_folder
    try:
        lacking = sorted(_lacking(texts.wording("en"), texts.wording(language, team_folder=folder)))
        texts.playbook(language, team_folder=folder)
    except ConfigError as error:
        yield Problem(language=language, kind="", rule="", message=error.message)
        return
    for name in lacking:
        yield Problem(
            language=language, kind="", rule="", message=f"wording/{language}.toml has no word for {name}"
        )
    if lacking:
        return
    for kind in kinds():
        if kind != "emergency" or settings.emergency_text.strip():
            yield from _of_kind(kind, language, settings)


def plans(kind: str, language: str, *, team_folder: str = "") -> Iterator[Plan]:
    """Plans of a kind such as mails call for, from the barest to the fullest."""
    words = texts.wording(language, team_folder=team_folder)["reply"]
    promise = within(parse_duration("1 business day"), words)
    short = "" if kind in _NO_QUOTE else "lorem ipsum dolor sit"
    filling = " ".join(["lorem"] * FILLING) if short else ""
    for number in range(SEEDS):
        seed = str(number) if number else ""
        for quote, human in (("", False), (short, False), (short, True), (filling, True)):
            yield Plan(
                kind=kind, language=language, seed=seed, promise=promise, quote=quote, human_sentence=human
            )
    grieved = kind not in _CALM and kind != "question"
    feelings = [""] if kind in _CALM else [*words["feelings"].values()]
    apologies = [*words["apologies"].values()] if grieved else [""]
    for number in range(2 * SEEDS):
        listed = number % 2 == 0
        # The longest quote stands alone, a short one beside the topic.
        quoted, named = ((0, 0), (25, 0), (0, 0), (10, 12))[number % 4]
        yield Plan(
            kind=kind,
            language=language,
            greeting_name="Bénédicte Faucheron",
            feeling=feelings[number // 2 % len(feelings)],
            apology=apologies[number // 2 % len(apologies)],
            seed=str(number),
            human_sentence=not listed,
            matters=tuple(" ".join(["lorem"] * 8) for _ in range(4)) if listed else (),
            quote=" ".join(["lorem"] * quoted),
            promise=within(parse_duration("2 business days"), words),
            ask_detail=words["missing_detail"] if grieved and listed else "",
            what_would_help=grieved and not listed,
            phone_offer=grieved,
            condolence=kind == "serious",
            late=listed,
            topic=" ".join(["ipsum"] * named),
            said="40 EUR lorem ipsum dolor sit amet",
            by=words["moment"].format(
                weekday=words["long_weekdays"][0], day=30, month=words["months"][10], time="16:00"
            )
            if listed
            else "",
        )


def _of_kind(kind: str, language: str, settings: ReplySettings) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for plan in plans(kind, language, team_folder=settings.team_folder):
        try:
            text = compose(plan, settings=settings)
        except ConfigError as error:
            yield Problem(language=language, kind=kind, rule="", message=error.message)
            return
        for fault in faults(text, kind=kind, language=language, team_folder=settings.team_folder):
            if (fault.rule, fault.excerpt) not in told:
                told.add((fault.rule, fault.excerpt))
                said = f"“{fault.excerpt}”: {fault.message}" if fault.excerpt else fault.message
                yield Problem(language=language, kind=kind, rule=fault.rule, message=said, text=text)


def faults(text: str, *, kind: str, language: str, team_folder: str = "") -> tuple[Fault, ...]:
    """What the playbook has against a text, also against one that a person wrote."""
    return check(text, kind=kind, language=language, team_folder=team_folder)


def sources(language: str, *, team_folder: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a language with where it comes from: shipped, team or missing."""
    names = [f"replies/{language}/letter.txt.j2"]
    names += [f"replies/{language}/{kind}.txt.j2" for kind in (*KINDS, *LETTERS)]
    names += [f"{part}/{language}.toml" for part in _PARTS]
    for name in names:
        yield name, texts.source(name, team_folder=team_folder)


def _lacking(wanted: Mapping[str, Any], there: Mapping[str, Any], path: str = "") -> Set[str]:
    """Keys of the English words that another language's, or a team's, do not have."""
    found: set[str] = set()
    for key, value in wanted.items():
        name = f"{path}.{key}".strip(".")
        if key not in there:
            found.add(name)
        elif isinstance(value, Mapping):
            found |= _lacking(value, there[key], name) if isinstance(there[key], Mapping) else {name}
    return found
