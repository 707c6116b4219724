"""HTML mail reads as the reader of a mail client sees it."""

from __future__ import annotations

import pytest

from cost import in_proportion
from triage.intake.html import MAX_HTML, RULE, html_to_text

SHOWN = {
    "paragraphs": ("<p>one</p><p>two</p>", "one\n\ntwo"),
    "divs are lines": ("<div>one</div><div>two</div>", "one\ntwo"),
    "gmail's blank line": ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
    "word's tight paragraphs": ("<p class=MsoNormal>one</p><p class=MsoNormal>two</p>", "one\ntwo"),
    "word's blank line": (
        "<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>",
        "a\n\nb",
    ),
    "margin 0": ("<p style='margin:0'>one</p><p style='margin: 0cm'>two</p>", "one\ntwo"),
    "breaks": ("one<br>two<br/>three<br><br>four", "one\ntwo\nthree\n\nfour"),
    "white space": ("<p>one\n   two\t three</p>", "one two three"),
    "inline words": ("dis<b>app</b>ointed <i>and</i> <u>angry</u>", "disappointed and angry"),
    "entities": ("caf&eacute; &lt;3 &#128545; &nbsp;x&amp;y", "café <3 😡  x&y"),
    "curly quotes": ("<p>isn’t “good”</p>", "isn’t “good”"),
    "list": ("<ul><li>one<li>two</ul>", "- one\n- two"),
    "numbered list": ("<ol start=3><li>one</li><li>two</li></ol>", "3. one\n4. two"),
    "table rows": (
        "<table><tr><td>Name</td><td>Ada</td></tr><tr><td>Phone<td>1</table>",
        "Name\tAda\nPhone\t1",
    ),
    "cells of paragraphs": ("<table><tr><td><p>Name</p></td><td><p>Ada</p></td></tr></table>", "Name\tAda"),
    "preformatted": ("<pre>a\n  b</pre>", "a\n  b"),
    "pre-wrap": ("<div style='white-space: pre-wrap'>a\n\nb</div>", "a\n\nb"),
    "rule": ("a<hr>b", f"a\n{RULE}\nb"),
    "link": ("<a href='https://x.example/'>our site</a>", "our site"),
    "empty link": ("<a href='https://x.example/'> </a>", "https://x.example/"),
    "emoji picture": ("so late <img alt='😡' src=x>", "so late 😡"),
    "picture": ("<img alt='Company logo' src=x>hello", "hello"),
    "zero width": ("un\u200bhap\u00adpy", "unhappy"),
    "no markup": ("one\ntwo", "one\ntwo"),
    "heading": ("<h3>New enquiry</h3>text", "New enquiry\n\ntext"),
    "unclosed": ("<div><p>one<p>two<div>three", "one\n\ntwo\n\nthree"),
    "misnested": ("<b>one<i>two</b>three</i>", "onetwothree"),
    "form": ("<form>Why? <textarea>It broke</textarea></form>", "Why? It broke"),
}

QUOTED = {
    "gmail": (
        "<div>new</div><br><div class='gmail_quote'><div class='gmail_attr'>On Fri, A "
        "&lt;a@b.example&gt; wrote:<br></div>"
        "<blockquote class='gmail_quote'><div>old</div><div><br></div><div>older</div></blockquote></div>",
        "new\n\nOn Fri, A <a@b.example> wrote:\n\n> old\n>\n> older",
    ),
    "apple": (
        "new<blockquote type='cite'><div>On Fri, A wrote:</div><p>old</p></blockquote>",
        "new\n\n> On Fri, A wrote:\n>\n> old",
    ),
    "nested": ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n>\n>> b\n>\n> c\n\nd"),
    "yahoo": (
        "new<div id=yahoo_quoted_1 class=yahoo_quoted><div>On Fri, A wrote:</div><div>old</div></div>",
        "new\n\n> On Fri, A wrote:\n> old",
    ),
    "inline answer": (
        "<blockquote>q1</blockquote><p>a1</p><blockquote>q2</blockquote><p>a2</p>",
        "> q1\n\na1\n\n> q2\n\na2",
    ),
    "an indented paragraph is no quotation": (
        "<blockquote style='margin: 0 0 0 40px; border: none; padding: 0px;'>mine</blockquote>",
        "mine",
    ),
    "thunderbird forward": (
        (
            "<div>-------- Forwarded Message --------<table><tr><th>Subject: "
            "</th><td>Hi</td></tr><tr><th>From: </th><td>A</td></tr></table></div>"
        ),
        "-------- Forwarded Message --------\n\nSubject: \tHi\nFrom: \tA",
    ),
    "gmail signature": ("<div>new</div><div class='gmail_signature'>Ada</div>", "new\n-- \nAda"),
    "gmail signature prefix": (
        "new<br><span>-- </span><br><div class=gmail_signature>Ada</div>",
        "new\n-- \nAda",
    ),
}

HIDDEN = [
    "<style>p{color:red}</style>",
    "<script>if(a<b)x()</script>",
    "<title>t</title>",
    "<!-- c -->",
    "<!--[if mso]><p>outlook</p><![endif]-->",
    "<div style='display:none'>preheader <div>deeper</div> still</div>",
    "<span style='display: none !important; mso-hide:all'>x</span>",
    "<p hidden>x</p>",
    "<div style='max-height:0px;overflow:hidden'>x</div>",
    "<div style='visibility:hidden'>x</div>",
    "<div style='opacity:0;'>x</div>",
    "<template><p>x</p></template>",
    "<svg><text>x</text></svg>",
]

HOSTILE = {
    "comments": "<!--" * 500_000,
    "divs": "<div>" * 20_000 + "deep",
    "quotations": "<blockquote>" * 20_000 + "deep",
    "lists": "<ul><li>" * 5_000 + "deep",
    "tables": "<table><tr><td>" * 20_000 + "deep",
    "a reference of digits": "&#" + "9" * 100_000 + ";deep",
    "fonts that reopen": "".join(f"<font size={i}><p>x" for i in range(20_000)),
    "unclosed items": "<li>x" * 100_000,
    "spans and items": "<ul>" + "<span>" * 20_000 + "<li>x</li>" * 20_000,
    "open angles": "<" * 1_000_000,
    "attributes": "<p " + "a=b " * 200_000 + ">x",
    "styles": "<p style='" + "display:" * 100_000 + "'>x",
    "breaks": "<br>" * 200_000,
    "close tags": "<p>" + "</div>" * 300_000,
    "cells": "<table><tr>" + "<td>x</td>" * 50_000,
    "newsletter": (
        "<table><tr><td style='a:b'><p>Hello <b>you</b>, <a "
        "href='https://x.example/'>look</a></p></td></tr></table>\n"
    )
    * 12_000,
}


@pytest.mark.parametrize(("html", "text"), SHOWN.values(), ids=SHOWN)
def test_what_is_shown_is_read(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(("html", "text"), QUOTED.values(), ids=QUOTED)
def test_quotations_and_signatures_are_marked_as_in_plain_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_hidden_is_not_read(hidden: str) -> None:
    assert html_to_text(f"<p>one</p>{hidden}<p>two</p>") == "one\n\ntwo"


def test_a_mail_that_is_hidden_as_a_whole_is_read_all_the_same() -> None:
    assert html_to_text("<div style='display:none'>please ring me</div>") == "please ring me"


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_takes_time_in_proportion(html: str) -> None:
    assert len(html_to_text(html)) < 3 * MAX_HTML
    tenth = html[: len(html) // 10] + html[-10:]  # ends alike, or an open quotation mark hides it all
    assert in_proportion(html_to_text, tenth, html, times=10, within=8.0)


def test_deep_nesting_keeps_the_text() -> None:
    assert html_to_text(HOSTILE["divs"]) == "deep"
    assert html_to_text(HOSTILE["quotations"]).endswith("> deep")


def test_at_most_the_first_two_million_characters_are_read() -> None:
    assert len(html_to_text("<p>" + "x" * (MAX_HTML + 10))) == MAX_HTML - len("<p>")
