"""The frame of a letter: what surrounds the words that somebody wrote.

without_frame(lines) -> (what was written, what framed it)
without_courtesies(text) -> text to judge
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.intake import closing, opening
from triage.intake.lines import blocks_of, first_text, is_blank, trimmed


def without_frame(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Parts what was written from banner, signature, disclaimers and form fields.

    The sign-off and the name under it stay with what was written. Returns the written
    lines and the framing ones, both in order.
    """
    kept, frame = opening.without_form(opening.without_banner(lines))
    cut: set[int] = set()
    for block in blocks_of(kept):
        if closing.is_footer([kept[i] for i in block], first=block.start == first_text(kept)):
            cut.update(block)
        elif closing.is_device_line(kept[block[-1]]):
            cut.add(block[-1])
    cut.update(closing.signature(kept, cut))
    written = trimmed([line for i, line in enumerate(kept) if i not in cut])
    if all(is_blank(line) or opening.is_greeting(line) for line in written):
        return kept, frame  # a mail of nothing but a signature: that is its text
    return written, frame + [line for i, line in enumerate(kept) if i in cut]


def without_courtesies(text: str) -> str:
    """`text` without its greeting line and its sign-off and name; `text` if none is left."""
    lines = trimmed(text.split("\n"))
    inner = lines[opening.after_greeting(lines) :]
    inner = trimmed(inner[: closing.before_sign_off(inner)])
    return "\n".join(inner) if inner else "\n".join(lines)


def is_courtesy_only(text: str, *, thanks: bool = True) -> bool:
    """Whether `text` is no more than a device's line, a greeting, a sign-off and a name.

    Without `thanks` only device lines count as nothing: "Thanks!" is a whole answer.
    """
    lines = [line for line in text.split("\n") if not is_blank(line)]
    if not thanks:
        return all(map(closing.is_device_line, lines))
    frame = (
        closing.is_device_line,
        opening.is_greeting,
        closing.is_sign_off,
        closing.is_name,
        closing.is_contact,
    )
    return len(lines) <= 6 and all(any(looks(line) for looks in frame) for line in lines)
