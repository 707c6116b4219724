"""Whose words are whose: quoted history, forwarded messages, and what is left.

    peel(lines) -> Peeled(regions, quoted, below)

Works line by line on plain text as mail clients write it, in any of the languages of
`LABELS` and `VERBS`. Linear: every line is looked at a bounded number of times, patterns
see at most `LOOK` characters. In doubt a line stays with the writer: a complaint that is
cut is worse than a quotation that is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LOOK: Final = 400  # characters of a line (or of a wrapped attribution) that patterns see


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """A message that stands whole below what was written.

    `header` holds (key, value) pairs with the keys from, date, to, cc, subject; `forward`
    says that the mail's form makes it a forward rather than a reply's history.
    """

    header: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()
    forward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeled:
    """`regions`: the writer's own lines, a tuple for each stretch between quotations.

    `attributed` says that a client's own line ("On … wrote:") introduces the quotation.
    """

    regions: tuple[tuple[str, ...], ...] = ()
    quoted: tuple[str, ...] = ()
    below: Below | None = None
    attributed: bool = False


def peel(lines: Sequence[str], *, forward: bool = False) -> Peeled:
    """Parts the writer's own lines from quoted and forwarded ones.

    `forward` says that the subject calls the mail a forward (Fwd:, WG:, TR: …): then a
    bare header block (From:/Sent:/To:/Subject:) counts as one, as Outlook writes it.
    """
    regions: list[tuple[str, ...]] = []
    own: list[str] = []
    quoted: list[str] = []
    below: Below | None = None
    attributed = has_text = False
    only = sum(map(is_quoted, lines)) == 1
    at = 0
    while at < len(lines):
        if is_quoted(lines[at]):
            end = _run_end(lines, at)
            run = lines[at:end]
            attribution = _pop_attribution(own)
            if not attribution and _is_no_quotation(run, only=only):
                own.extend(line.removeprefix(">") if line.startswith(">From ") else line for line in run)
            else:
                attributed = attributed or bool(attribution) or _attributes(run)
                below = below or _forwarded_within(run)
                quoted += attribution + list(run)
                regions.append(tuple(own))
                own = []
            at = end
            continue
        found = _whole_message(lines, at, forward=forward, first=not has_text)
        if found is not None:
            below = below or found
            quoted += lines[at:]
            break
        own.append(lines[at])
        has_text = has_text or bool(lines[at].strip())
        at += 1
    regions.append(tuple(own))
    return Peeled(regions=tuple(regions), quoted=tuple(quoted), below=below, attributed=attributed)


# --------------------------------------------------------------------------- quote marks

_QUOTE = re.compile(r" {0,3}>")
_COMPARISON = re.compile(r"> ?[\d£$€]")


def is_quoted(line: str) -> bool:
    return _QUOTE.match(line) is not None


def unquote(line: str) -> str:
    """The line without its outermost quote mark."""
    mark = _QUOTE.match(line)
    return line[mark.end() :].removeprefix(" ") if mark else line


def _run_end(lines: Sequence[str], at: int) -> int:
    """The end of the run of quoted lines at `at`; blank lines between them belong to it."""
    end = look = at + 1
    while look < len(lines):
        if is_quoted(lines[look]):
            end = look + 1
        elif lines[look].strip():
            break
        look += 1
    return end


def _is_no_quotation(run: Sequence[str], *, only: bool) -> bool:
    """A single line that begins with ">" by itself: "> 10 days", mbox's ">From ", an arrow.

    `only`: no other line of the mail begins so.
    """
    return len(run) == 1 and (only or run[0].startswith(">From ") or _COMPARISON.match(run[0]) is not None)


# --------------------------------------------------------------------------- attributions

_VERBS = re.compile(
    r"\b(?:wrote|writes|schrieb|geschrieben|écrit|ecrit|escribió|escribio|schreef|geschreven"
    r"|ha scritto|scrive"
    r"|escreveu|skrev|napisał(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?|kirjoitti|írta|a scris|yazdı"
    r"|написал(?:\(а\)|а)?)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:i|we|he|she|they|you|ich|wir|sie|er|du|je|j['’]ai|nous|vous|tu|il|elle|on m|yo"
    r"|usted(?:es)?|ik|wij|we|jij|u"
    r"|io|voi|lei|eu|você|vocês|nós)\s+(?:had |have |then |also |again |\S{1,12} )?"
    r"(?:wrote|schrieb|habe|haben|hatte|écrit|ai écrit|avez écrit|escribió|schreef|scritto|escreveu)\b"
    r"|\bschrieb(?:en)? (?:ich|wir|er|sie)\b|\bschreef (?:ik|u|je|jij|wij)\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:on|at|am|le|el|op|il|em|no dia|a|den|den|dne|dnia|w dniu|pe|vào)\s+\S"
    r"|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b|\d{1,2} \w{3,10}\.? \d{4}\b"
    r"|-{2,8} ?on\s",
    re.IGNORECASE,
)
_SENDER = re.compile(r"[^<>]{0,80}<[^<>\s]{1,100}@[^<>\s]{1,100}>")
_ADDRESS = re.compile(r"[^\s<>@:,;]@[^\s<>@:,;]+\.[a-z0-9]", re.IGNORECASE)
_DATE_TIME = re.compile(r"\d{1,4}[-./ ]\D{0,3}.{0,40}?\b\d{1,2}(?:[:.h]|uhr )\d{2}\b", re.IGNORECASE)
_ENDS = (":", "：", "----", ": >")


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines)[:LOOK]


def _is_attribution(text: str, *, sure: bool) -> bool:
    """Whether a client wrote `text` ("On <date>, <name> wrote:").

    Above quoted lines it may lack the address; where nothing else marks the quotation
    (`sure`) the address or a client's own frame is needed. What a person says about
    themselves or us ("On Monday I wrote:") is prose.
    """
    if not text.endswith(_ENDS) or _PRONOUN.search(text):
        return False
    verb, address = _VERBS.search(text), _ADDRESS.search(text)
    if sure:
        return bool(address and (verb or text.endswith((">:", ">："))) and _DATE_TIME.search(text))
    return bool(address or _DATE_TIME.search(text) or (verb and any(c.isdigit() for c in text)))


def _pop_attribution(own: list[str]) -> list[str]:
    """Takes the attribution off the end of `own` (it may be wrapped over three lines)."""
    end = len(own)
    while end and len(own) - end < 3 and not own[end - 1].strip():
        end -= 1
    if not end or not own[end - 1].strip().endswith(_ENDS):
        return []
    sizes = [
        size for size in (1, 2, 3) if end >= size and all(own[k].strip() for k in range(end - size, end))
    ]
    for size in sizes:
        first, text = own[end - size].strip(), _joined(own[end - size : end])
        begins = (
            _OPENER.match(first) and any(c.isdigit() for c in first) and not first.endswith((".", "!", "?"))
        )
        if begins and _is_attribution(text, sure=False):
            return _pop(own, end - size)
    if sizes and _is_attribution(_joined(own[end - 1 : end]), sure=False):
        return _pop(own, end - 1)
    return []


def _pop(own: list[str], at: int) -> list[str]:
    taken = own[at:]
    del own[at:]
    return taken


def _attributes(run: Sequence[str]) -> bool:
    """Apple and Yahoo put the attribution inside the quotation."""
    first = [unquote(line) for line in run[:4] if unquote(line).strip()]
    return any(_is_attribution(_joined(first[:size]), sure=False) for size in (1, 2, 3))


def _attribution_size(lines: Sequence[str], at: int) -> int:
    """How many lines of a sure attribution begin at `at`; 0 if none does."""
    line = lines[at].strip()[:LOOK]
    if not (_OPENER.match(line) or _SENDER.match(line)):
        return 0
    for size in (1, 2, 3):
        part = lines[at : at + size]
        if len(part) < size or not part[-1].strip():
            return 0
        if part[-1].rstrip().endswith(_ENDS):
            return size if _is_attribution(_joined(part), sure=True) else 0
    return 0


# --------------------------------------------------------------------------- header blocks

LABELS: Final[dict[str, str]] = {
    label: key
    for key, labels in {
        "from": "from|von|de|van|da|från|fra|od|lähettäjä|feladó|от",
        "date": "date|sent|sent on|datum|gesendet|gesendet am|envoyé|envoyé le|date d'envoi|fecha|enviado"
        "|enviado el"
        "|verzonden|data|inviato|enviada em|enviado em|enviada|skickat|dato|sendt|data|wysłano"
        "|odesláno|lähetetty"
        "|дата|отправлено",
        "to": "to|an|à|a|para|aan|til|till|do|komu|vastaanottaja|címzett|кому",
        "cc": "cc|kopie|kopie an|copie à|copie|copia|cópia|kopi|kopia|dw|копия",
        "subject": (
            "subject|betreff|objet|asunto|onderwerp|oggetto|assunto|ämne|emne|temat|předmět|aihe|tárgy|тема"
        ),
        "other": (
            "reply-to|antwort an|importance|wichtigkeit|importance|priority|attachments|anlagen"
            "|pièces jointes|bcc"
        ),
    }.items()
    for label in labels.split("|")
}
_LABEL = re.compile(r"[\s*_]{0,4}([^\W\d_][\w'’ -]{0,15}?)[\s\xa0*_]{0,3}[:：][\s*_]{0,4}(.*)")


def _label(line: str) -> tuple[str, str] | None:
    """The header field that `line` is: its English key and its value."""
    found = _LABEL.match(line[:LOOK])
    key = LABELS.get(found[1].lower().replace("’", "'").strip()) if found else None
    return (key, found[2].strip().strip("*")) if found and key else None


def _header_block(lines: Sequence[str], at: int) -> tuple[tuple[tuple[str, str], ...], int] | None:
    """A header block at `at`: its fields and the index after it.

    It names a sender and two more fields, a subject or an address among them, so that
    an itinerary ("From: Paris / To: Dublin / Date: …") is none.
    """
    fields: dict[str, str] = {}
    key = ""
    strangers = 0
    end = at
    while end < len(lines) and end - at < 24 and lines[end].strip():
        field = _label(lines[end])
        if field is not None and field[0] not in fields:
            key, fields[key] = field[0], field[1]
            strangers = 0
        elif key and strangers < 2 and field is None:  # a value that was wrapped
            strangers += 1
            fields[key] = f"{fields[key]} {lines[end].strip()}"[:LOOK]
        else:
            break
        end += 1
    if strangers and key == "subject":  # text that follows without a blank line
        end -= strangers
    known = {name: value for name, value in fields.items() if name != "other"}
    sure = "subject" in known or "@" in known.get("from", "")
    if "from" not in known or len(known) < 3 or not sure:
        return None
    return tuple(known.items()), end


# --------------------------------------------------------------------------- whole messages

_FORWARD = (
    r"(?:begin )?forwarded (?:message|e?mail)|(?:anfang der )?weitergeleitete[nr]? (?:nachricht|e-?mail)"
    r"|(?:début du )?(?:message|e-?mail|courriel) (?:transféré|réexpédié|transmis)"
    r"|(?:inicio del )?mensaje reenviado"
    r"|(?:begin )?doorgestuurd bericht|(?:inizio )?messaggio inoltrato"
    r"|(?:início da )?mensagem (?:encaminhada|reencaminhada)|vidarebefordrat meddelande"
    r"|videresendt (?:melding|besked)"
    r"|przekazana wiadomość|přeposlaná zpráva"
)
_ORIGINAL = (
    r"original[- ]?(?:message|mail|e-?mail|nachricht)|ursprüngliche (?:nachricht|e-?mail)"
    r"|message (?:d['’]origine|original)"
    r"|courriel original|mensaje original|oorspronkelijk bericht|messaggio originale|mensagem original"
    r"|originalmeddelande|oprindelig (?:besked|meddelelse)|opprinnelig melding|wiadomość oryginalna"
    r"|původní zpráva"
)
_SEPARATOR = re.compile(
    (
        rf"[\s*_]{{0,4}}(?P<dashes>-{{2,40}})\s{{0,3}}(?:(?P<forward>{_FORWARD})"
        rf"|{_ORIGINAL})\s{{0,3}}:?\s{{0,3}}-{{2,40}}\s*$"
    ),
    re.IGNORECASE,
)
_BEGIN_FORWARD = re.compile(rf"\s*(?:{_FORWARD})\s{{0,3}}[:：]\s*$", re.IGNORECASE)
_ANSWER_MARK = re.compile(
    r"(?:reply|respond|response|answer)s? (?:\w+ )?above this line|(?:oberhalb|über) dieser (?:zeile|linie)"
    r"|au-dessus de cette ligne|(?:por )?encima de esta línea|boven deze (?:regel|lijn)"
    r"|(?:sopra|al di sopra di) questa (?:riga|linea)|acima desta linha",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_\-─—=]{10,}\s*$")


def _whole_message(lines: Sequence[str], at: int, *, forward: bool, first: bool) -> Below | None:
    """The message that begins at `at` and runs to the end, if one does."""
    line = lines[at].strip()[:LOOK]
    if not line:
        return None
    if is_answer_mark(line):
        return None if first else Below()
    after = at + 1
    separator = _SEPARATOR.match(line) if line.startswith(("-", "*", "_")) else None
    begin = separator is None and _BEGIN_FORWARD.match(line) is not None
    if separator or begin or _RULE.match(line):
        after = _next_text(lines, after)
        header = _header_block(lines, after) if after < len(lines) else None
        if separator is None and header is None:
            return None
        fields, start = header or ((), after)
        thunderbird = separator is not None and len(separator["dashes"]) >= 8 and header is not None
        told = begin or (separator is not None and bool(separator["forward"])) or thunderbird
        return Below(header=fields, body=tuple(lines[start:]), forward=told or (forward and bool(fields)))
    if _label(line):
        header = _header_block(lines, at)
        if header is not None:
            return Below(header=header[0], body=tuple(lines[header[1] :]), forward=forward)
    size = _attribution_size(lines, at)
    if size and not _quotation_follows(lines, at + size):
        return Below(body=tuple(lines[at + size :]))
    return None


def is_answer_mark(line: str) -> bool:
    """A help desk's line above which the answer is to be written."""
    return len(line) < 200 and _ANSWER_MARK.search(line) is not None


def _forwarded_within(run: Sequence[str]) -> Below | None:
    """A forward that its client quoted as a whole ("> Begin forwarded message:")."""
    inner = [unquote(line) for line in run]
    at = _next_text(inner, 0)
    if at == len(inner):
        return None
    found = _whole_message(inner, at, forward=False, first=True)
    return found if found is not None and found.forward else None


def _next_text(lines: Sequence[str], at: int) -> int:
    """The next line with text, at most three blank lines away."""
    for look in range(at, min(at + 4, len(lines))):
        if lines[look].strip():
            return look
    return min(at, len(lines))


def _quotation_follows(lines: Sequence[str], at: int) -> bool:
    look = _next_text(lines, at)
    return look < len(lines) and is_quoted(lines[look])
