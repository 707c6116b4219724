"""The readable text of a mail, taken apart: what is new, quoted, signature, forwarded.

    separate(text) -> Parts           what the requester newly wrote, and the rest
    judged_text(new_text) -> text     without greeting and sign-off: what sentiment reads
    unflow(text) -> text              format=flowed (RFC 3676) to paragraphs
    html_to_text, sentences           from their own modules, for one import

Pure, linear in the text's length, and never raising.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triage.intake import frame, quoting
from triage.intake.html import html_to_text as html_to_text
from triage.intake.lines import trimmed
from triage.intake.sentences import sentences as sentences

_NESTED: Final = 3  # forwards within forwards that are followed
_SIGNATURE_LINES: Final = 40  # lines below "-- " that still pass for a signature
_SHORT_SIGNATURE_LINES: Final = 12  # … and below "--"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A mail's text taken apart.

    `new_text` is what the writer newly wrote, sign-off and name included; of a bare
    forward it is the forwarded message's own new text. `forwarded_header` holds
    (key, value) pairs with the keys from, date, to, cc, subject, and is empty unless the
    mail is a forward. `forwarded_text` is the forwarded message's own new text.
    """

    new_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    forwarded_header: tuple[tuple[str, str], ...] = ()
    forwarded_text: str = ""


def separate(text: str, *, forward: bool = False) -> Parts:
    """Takes `text` apart. `forward`: the subject says that it is a forward (Fwd:, WG: …).

    With that a bare Outlook header block below some words is read as the forwarded
    message rather than as history. In doubt text stays new: nobody's complaint is cut.
    """
    return _separate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), forward=forward, depth=0)


def _separate(lines: list[str], *, forward: bool, depth: int) -> Parts:
    peeled = quoting.peel(lines, forward=forward)
    written: list[str] = []
    signature: list[str] = []
    for region in peeled.regions:
        own, below = _above_delimiter(region)
        own = trimmed(own)
        written += ["", *own] if written and own else own
        signature += below
    new, framing = frame.without_frame([line for line in written if not quoting.is_answer_mark(line)])
    new_text, signature_text = _text(new), _text([*framing, *signature])
    inner = Parts()
    header: tuple[tuple[str, str], ...] = ()
    if peeled.below is not None and depth < _NESTED:
        alone = not new_text or frame.is_courtesy_only(new_text, thanks=peeled.below.forward)
        if peeled.below.forward or alone:
            inner = _separate(list(peeled.below.body), forward=False, depth=depth + 1)
            header = peeled.below.header
        if alone and inner.new_text:
            new_text = inner.new_text
            signature_text = inner.signature or signature_text
    elif not new_text and not peeled.attributed:  # nothing but ">": somebody's own marks
        new_text = _text([quoting.unquote(line) for line in peeled.quoted])
    return Parts(
        new_text=new_text,
        quoted_text=_text(peeled.quoted),
        signature=signature_text,
        forwarded_header=header,
        forwarded_text=inner.new_text if header or (peeled.below and peeled.below.forward) else "",
    )


def judged_text(new_text: str) -> str:
    """`new_text` without its greeting line and its closing sign-off and name.

    Conservative: a greeting that runs on into a sentence stays, and so does everything
    if nothing else would be left.
    """
    return frame.without_courtesies(new_text)


def unflow(text: str, *, delsp: bool = False) -> str:
    """Joins the soft line breaks of format=flowed text (RFC 3676 section 4).

    A line that ends in a space goes on in the next one of the same quote depth; `delsp`
    takes that space away. Quote marks become one "> " group, the signature line "-- "
    is never joined.
    """
    out: list[str] = []
    pieces: list[str] = []
    depth = 0

    def end_paragraph() -> None:
        if pieces:
            mark = ">" * depth + " " if depth else ""
            out.append(mark + "".join(pieces) if pieces != [""] else mark.rstrip())
            pieces.clear()

    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.lstrip(">")
        marks = len(raw) - len(line)
        line = line.removeprefix(" ")  # space-stuffing
        if pieces and (marks != depth or not line):
            end_paragraph()  # also at a blank line: writers mean a paragraph there
        depth = marks
        if line == "-- ":
            end_paragraph()
            pieces.append(line)
            end_paragraph()
        elif line.endswith(" "):
            pieces.append(line[:-1] if delsp else line)
        else:
            pieces.append(line)
            end_paragraph()
    end_paragraph()
    return "\n".join(out)


def _above_delimiter(region: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Parts a stretch of text at its "-- " line; a long text below one is no signature.

    A bare "--" counts if no more than a few short lines stand below it.
    """
    delimiter = len(region)
    texts = 0
    short = True
    for at in range(len(region) - 1, -1, -1):
        line = region[at].rstrip()
        if region[at] == "-- " or (line == "--" and short and texts <= _SHORT_SIGNATURE_LINES):
            delimiter = at
        elif line:
            texts += 1
            short = short and len(line) <= 80
        if texts > _SIGNATURE_LINES:
            break
    return list(region[:delimiter]), list(region[delimiter + 1 :])


def _text(lines: list[str] | tuple[str, ...]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
