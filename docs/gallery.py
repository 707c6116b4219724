"""Writes docs/gallery/: mail, content plan and draft side by side, of every kind in every language.

    python docs/gallery.py           write the pages
    python docs/gallery.py --check   exit 1 if one is out of date

The mails are invented; they are those that the tests of the replies use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage import texts
from triage.promises import parse_duration
from triage.replies.compose import Plan, ReplySettings, compose, kinds, plan
from triage.replies.trial import faults, plans
from triage.types import Address, Assessment, Emotion, Flag, Message, MessageRef, Verdict

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery"
MAILS = ROOT / "tests" / "unit" / "replies" / "mails"
NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}


def pages() -> dict[Path, str]:
    """Every page by its path."""
    written = {GALLERY / f"{language}.md": _page(language) for language in texts.languages()}
    listed = "\n".join(f"- [{NAMES[code]}]({code}.md)" for code in texts.languages())
    written[GALLERY / "README.md"] = (
        "# Gallery of replies\n\nWritten by `make gallery`: for every kind of draft an invented mail, the plan of"
        " what the reply has to do, and its words. A kind without a mail of its own is shown on made-up values.\n"
        f"\n{listed}\n"
    )
    return written


def main() -> int:
    written = pages()
    stale = [p for p, text in written.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        return 1 if stale else 0
    GALLERY.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(written[path], encoding="utf-8")
    return 0


def _page(language: str) -> str:
    settings = ReplySettings(
        from_name="Brightmoor",
        from_address="help@brightmoor.example",
        signature="Sam Ellery\nBrightmoor",
        respond_within=parse_duration("1 business day"),
        languages=(language,),
        emergency_text="112",
    )
    rows = [
        json.loads(line) for line in (MAILS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    by_kind: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], row)
    blocks = [f"# {NAMES[language]}\n"]
    for kind in kinds():
        if kind == "emergency":
            continue  # the team's own words
        blocks += _entry(kind, by_kind.get(kind), settings, language)
    return "\n".join(blocks) + "\n"


def _entry(kind: str, row: Mapping[str, Any] | None, settings: ReplySettings, language: str) -> Iterator[str]:
    yield f"## {kind}\n"
    if row is None:
        shown: Plan = [*plans(kind, language)][-1]
    else:
        message, judged = _mail(row, language)
        shown = plan(message, judged, kind=kind, settings=settings)
        yield "\n".join(
            f"> {line}".rstrip() for line in (f"**{row['subject']}**", "", *row["text"].splitlines())
        )
        yield ""
    said = {
        name: value
        for name, value in asdict(shown).items()
        if value and name not in ("seed", "kind", "language")
    }
    yield "| the plan | |\n| --- | --- |"
    for name, value in said.items():
        words = "; ".join(value) if isinstance(value, tuple) else "yes" if value is True else str(value)
        yield f"| {name} | {words.replace('|', ' ')} |"
    words = compose(shown, settings=settings)
    if found := faults(words, kind=kind, language=language):
        raise SystemExit(f"{language} {kind}: {found[0]}")
    yield f"\n```text\n{words.rstrip()}\n```\n"


def _mail(row: Mapping[str, Any], language: str) -> tuple[Message, Assessment]:
    message = Message(
        ref=MessageRef(account="main", mailbox="INBOX"),
        subject=row["subject"],
        requester=Address(address="customer@mailbox.example", name=row["name"]),
        received=datetime(2026, 10, 2, 15, 38, tzinfo=UTC),
        text=row["text"],
        new_text=row["text"],
        fingerprint=row["subject"],
    )
    judged = Assessment(
        score=30,
        verdict=Verdict(row["verdict"]),
        base=0,
        emotion=Emotion(row["emotion"]),
        flags=frozenset(map(Flag, row["flags"])),
        key_sentence=row["key"],
        language=language,
    )
    return message, judged


if __name__ == "__main__":
    sys.exit(main())
