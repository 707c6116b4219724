"""HTML mail → readable plain text.

    html_to_text(html) -> text

The markup is read as a stream of tokens and never built into a tree: building one costs
memory without bound on hostile nesting. What a mail client hides is dropped; what it
shows keeps its lines, paragraphs, list marks and table rows. Quoted messages become lines
with `>` in front, as in a plain-text mail, so that one set of rules finds them in both.
"""

from __future__ import annotations

import re
from typing import Final

MAX_HTML: Final = 2_000_000  # characters read; what lies beyond is cut off
RULE: Final = "_" * 32  # what <hr> becomes: Outlook's own line above a quoted message
MAX_QUOTE_DEPTH: Final = 8


def html_to_text(html: str) -> str:
    """The text a reader of `html` would see, with quoted messages as `> ` lines.

    Linear in time and memory; reads at most MAX_HTML characters; never raises. A mail
    whose whole text is hidden is shown all the same: it is somebody's only message.
    """
    html = html[:MAX_HTML]
    return _render(html, keep_hidden=False) or _render(html, keep_hidden=True)


_UNSEEN = frozenset(
    {"style", "script", "title", "template", "iframe", "noframes", "noembed", "object", "svg"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table", "figure"})
_BLOCKS = (
    _SPACED
    | {"html", "body", "main", "div", "center", "blockquote", "address", "li", "dt", "dd", "figcaption"}
    | {"article", "section", "aside", "header", "footer", "nav", "hgroup", "details", "summary", "dialog"}
    | {"caption", "thead", "tbody", "tfoot", "tr", "form", "fieldset", "legend", "select", "option"}
)
# An element that its own kind closes, up to the element that holds them (WHATWG 13.1.2.4).
_CLOSED_BY_NEXT = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"table"})),
    "th": (frozenset({"td", "th"}), frozenset({"table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
}
_LOOK_BACK = 24  # open elements searched for one to close: bounds the work on unclosed markup

_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|(?<!-)opacity:0(?:\.0+)?(?:;|!|$)"
    r"|max-height:0(?:px)?(?:;|!|$)"
)
_TIGHT_STYLE = re.compile(r"(?:^|;)margin(?:-top)?:0")
_PRE_STYLE = re.compile(r"white-space:pre")
_INDENT_STYLE = re.compile(r"(?:^|;)border:(?:none|0)")
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\ufeff\u00ad\u034f\u2060\u200e\u200f"))
_SPACES = re.compile(r"[ \t\r\n\f]+")
_SIGNATURE_CLASSES = ("gmail_signature", "protonmail_signature_block")
_SIGNATURE_IDS = ("composer_signature",)


class _Element:
    """An open element: what it changes is undone when it is closed."""

    __slots__ = ("hidden", "href", "lines", "numbered", "pieces", "pre", "quoted", "spaced", "tag")

    def __init__(self, tag: str, *, pieces: int, lines: int) -> None:
        self.tag = tag
        self.pieces = pieces  # how much text the page held when it was opened
        self.lines = lines
        self.hidden = self.pre = self.quoted = self.spaced = False
        self.numbered = 0  # the next number of an <ol>
        self.href = ""


def _render(html: str, *, keep_hidden: bool) -> str:
    from turbohtml import TokenType, tokenize

    if "<" not in html and "&" not in html:  # plain text under a wrong label
        return html.translate(_INVISIBLE).replace("\r\n", "\n").strip()
    page = _Page(keep_hidden=keep_hidden)
    for token in tokenize(html):
        kind = token.type
        if kind is TokenType.TEXT:
            page.text(token.data or "")
        elif kind is TokenType.START_TAG:
            page.open(token.tag or "", {name: value or "" for name, value in token.attrs or ()})
        elif kind is TokenType.END_TAG:
            page.close(token.tag or "")
    return page.finish()


class _Page:
    """Open elements on one side, finished lines on the other."""

    def __init__(self, *, keep_hidden: bool) -> None:
        self._keep_hidden = keep_hidden
        self._stack: list[_Element] = []
        self._open: dict[str, int] = {}  # how many of each tag are open
        self._hidden = self._pre = self._quotes = 0
        self._lines: list[str] = []
        self._line: list[str] = []  # the pieces of the line being written
        self._ends_in_space = True
        self._gap = False  # a blank line is due before the next text
        self._pieces = 0  # pieces of text written so far
        self._written = 0  # lines with text finished so far
        self._last_depth = 0  # the quote depth of the last of them

    # ---------------------------------------------------------------- tokens

    def text(self, data: str) -> None:
        if self._hidden:
            return
        data = data.translate(_INVISIBLE)
        if self._pre:
            first, *others = data.replace("\r\n", "\n").expandtabs().split("\n")
            self._write(first)
            for other in others:
                self._break(hard=True)
                self._write(other)
            return
        data = _SPACES.sub(" ", data)
        self._write(data[1:] if self._ends_in_space and data.startswith(" ") else data)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        self._close_implied(tag)
        if tag == "br":
            self._break(hard=True)
        elif tag == "hr":
            self._break()
            self._write(RULE if not self._hidden else "")
            self._break()
        elif tag == "img":
            alt = attributes.get("alt", "").strip()
            if alt and len(alt) <= 8 and not alt.isascii() and not any(c.isalnum() for c in alt):
                self.text(alt)  # an emoji sent as a picture
        if tag in _VOID:
            return
        element = _Element(tag, pieces=self._pieces, lines=self._written)
        self._stack.append(element)
        self._open[tag] = self._open.get(tag, 0) + 1
        style = attributes.get("style", "").replace(" ", "").lower()
        if tag in _UNSEEN or (
            not self._keep_hidden
            and ("hidden" in attributes or (style and _HIDDEN_STYLE.search(style) is not None))
        ):
            element.hidden = True
            self._hidden += 1
            return
        if tag in _BLOCKS:
            self._open_block(element, attributes, style)
        elif tag in ("td", "th"):
            self._open_cell()
        elif tag == "a":
            element.href = attributes.get("href", "").strip()
        if tag == "pre" or (style and _PRE_STYLE.search(style)):
            element.pre = True
            self._pre += 1
        if _is_signature(attributes) and not self._hidden:
            self._mark_signature()

    def close(self, tag: str) -> None:
        if tag == "br":  # browsers read </br> as <br>
            self._break(hard=True)
        elif self._open.get(tag):
            while self._pop().tag != tag:
                pass

    def finish(self) -> str:
        self._break()
        return "\n".join(self._lines).strip("\n")

    # ---------------------------------------------------------------- elements

    def _close_implied(self, tag: str) -> None:
        if tag in _BLOCKS and self._open.get("p"):
            self.close("p")
        elif tag in _CLOSED_BY_NEXT:
            same, holders = _CLOSED_BY_NEXT[tag]
            for element in self._stack[: -_LOOK_BACK - 1 : -1]:
                if element.tag in holders:
                    return
                if element.tag in same:
                    self.close(element.tag)
                    return

    def _open_block(self, element: _Element, attributes: dict[str, str], style: str) -> None:
        tag, names = element.tag, attributes.get("class", "")
        if self._line and self._line[-1] == "\t" and tag in ("p", "div"):
            return  # the first block of a cell stands on its row's line
        self._break()
        element.spaced = tag in _SPACED and "MsoNormal" not in names and not _TIGHT_STYLE.search(style)
        quote = tag == "blockquote" and (
            "gmail_quote" in names or attributes.get("type") == "cite" or not _INDENT_STYLE.search(style)
        )
        if quote or "yahoo_quoted" in names:
            element.quoted = True
            self._gap = True
            self._quotes += 1
        self._gap = self._gap or element.spaced
        if tag == "ol":
            start = attributes.get("start", "1")
            element.numbered = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        elif tag == "tr":
            element.lines = self._written
        elif tag == "li" and not self._hidden:
            holder = self._nearest("ul", "ol")
            if holder and holder.numbered:
                self._write(f"{holder.numbered}. ")
                holder.numbered += 1
            else:
                self._write("- ")
            self._ends_in_space = True

    def _nearest(self, *tags: str) -> _Element | None:
        return next((e for e in self._stack[: -_LOOK_BACK - 1 : -1] if e.tag in tags), None)

    def _open_cell(self) -> None:
        """Cells of a row stand on one line, parted by a tab, while the row is one line."""
        row = self._nearest("tr")
        if not self._line and row and self._written == row.lines + 1 and self._last_line():
            self._line = [self._lines.pop()]
            self._written -= 1
            self._gap = False
        if self._line:
            self._line.append("\t")
            self._ends_in_space = True

    def _pop(self) -> _Element:
        element = self._stack.pop()
        tag = element.tag
        self._open[tag] -= 1
        if element.hidden:
            self._hidden -= 1
            return element
        if element.href and self._pieces == element.pieces and element.href.startswith(("http:", "https:")):
            self._write(element.href[:300] if not self._hidden else "")
        if tag in _BLOCKS:
            self._break()
            self._gap = self._gap or element.spaced or element.quoted
            self._quotes -= element.quoted
        self._pre -= element.pre
        return element

    def _mark_signature(self) -> None:
        self._break()
        if self._last_line() != "-- ":
            self._write("-- ")
            self._break()
        self._gap = False

    # ---------------------------------------------------------------- lines

    def _write(self, piece: str) -> None:
        if not piece:
            return
        if not self._line:
            depth = min(self._quotes, MAX_QUOTE_DEPTH)
            if self._gap and piece.strip():
                if self._last_line():
                    self._lines.append(">" * min(depth, self._last_depth))
                self._gap = False
            if depth:
                self._line.append(">" * depth + " ")
        self._line.append(piece)
        self._ends_in_space = piece[-1] == " "
        self._pieces += bool(piece.strip())

    def _break(self, *, hard: bool = False) -> None:
        """Ends the line; a hard break (<br>) on an empty line leaves a blank one."""
        if self._hidden:
            return
        line = "".join(self._line).replace("\xa0", " ").rstrip()
        blank = not line.strip("> ")
        if line in ("--", "- -"):
            line = "-- "
        if not blank:
            self._lines.append(line)
            self._written += 1
            self._last_depth = min(self._quotes, MAX_QUOTE_DEPTH)
        elif (hard or self._line) and self._last_line():
            self._lines.append(">" * min(self._quotes, self._last_depth))
        self._line.clear()
        self._ends_in_space = True

    def _last_line(self) -> str:
        """The last finished line; empty if it is blank or holds quote marks only."""
        line = self._lines[-1] if self._lines else ""
        return line if line.strip("> ") else ""


def _is_signature(attributes: dict[str, str]) -> bool:
    names = attributes.get("class", "").split()
    return any(name in names for name in _SIGNATURE_CLASSES) or attributes.get("id") in _SIGNATURE_IDS
