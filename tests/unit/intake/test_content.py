"""Which part is the text, and what is listed as attachments."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from triage.intake.content import Content, read_content
from triage.intake.mime import read_tree
from triage.types import Limits

PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
HTML = b"Content-Type: text/html; charset=utf-8\n\n"
IMAGE = b"Content-Type: image/png; name=photo.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="


def read(content: bytes) -> Content:
    return read_content(read_tree(content, Limits())[0], Limits())


def multipart(kind: str, *parts: bytes, boundary: str = "B") -> bytes:
    inner = b"".join(b"--%s\n%s\n" % (boundary.encode(), part) for part in parts)
    return (
        f"Content-Type: multipart/{kind}; boundary={boundary}\n\n".encode()
        + inner
        + f"--{boundary}--\n".encode()
    )


def names(content: Content) -> Sequence[str]:
    return [attachment.name for attachment in content.attachments]


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        (b"Call me, please.", b"<p>Call me, <b>please</b>.</p>", "Call me, please."),
        (b"", b"<p>Call me.</p>", "Call me."),
        (b" \n\n", b"<p>Call me.</p>", "Call me."),
        (
            b"Your mail program shows no HTML.",
            b"<p>My heater is broken, call me.</p>",
            "My heater is broken, call me.",
        ),
        (
            b"View this in your browser",
            b"<p>" + b"The heater is broken. " * 9 + b"</p>",
            "The heater is broken.",
        ),
        (b"My heater is broken, call me.", b"<img src=x>", "My heater is broken, call me."),
        (b"My heater is broken, call me.", b"", "My heater is broken, call me."),
    ],
)
def test_the_better_form_of_an_alternative_is_the_text(plain: bytes, html: bytes, text: str) -> None:
    content = read(multipart("alternative", PLAIN + plain, HTML + html))
    assert content.text.startswith(text)
    assert content.attachments == ()


def test_pictures_inside_html_are_attachments_and_the_text_is_the_html() -> None:
    related = multipart("related", HTML + b"<p>See <img src=cid:1></p>", IMAGE, boundary="R")
    content = read(multipart("alternative", PLAIN + b"", related))
    assert content.text == "See"
    assert [(a.name, a.content_type, a.size) for a in content.attachments] == [("photo.png", "image/png", 8)]


def test_a_related_start_names_the_text() -> None:
    inner = b"Content-ID: <t>\n" + HTML + b"hello"
    content = read(
        multipart("related; start=<t>", HTML.replace(b"\n\n", b"; name=x.html\n\n") + b"other", inner)
    )
    assert content.text == "hello"


def test_several_inline_texts_are_joined_in_order_and_a_repeated_html_is_left_out() -> None:
    content = read(multipart("mixed", PLAIN + b"Above.", IMAGE, PLAIN + b"Below.", HTML + b"<p>Below.</p>"))
    assert content.text == "Above.\n\nBelow."
    assert names(content) == ["photo.png"]


def test_text_that_exchange_moved_below_a_picture_is_text() -> None:
    moved = b"Content-Type: text/plain; name=ATT00001.txt\nContent-Disposition: attachment\n\nBelow."
    assert read(multipart("mixed", PLAIN + b"Above.", IMAGE, moved)).text == "Above.\n\nBelow."


def test_a_named_text_is_an_attachment_unless_there_is_no_other_text() -> None:
    named = b"Content-Type: text/plain; name=log.txt\n\nline"
    both = read(multipart("mixed", PLAIN + b"See the log.", named))
    assert (both.text, names(both)) == ("See the log.", ["log.txt"])
    alone = read(multipart("mixed", named, IMAGE))
    assert (alone.text, names(alone)) == ("line", ["log.txt", "photo.png"])


def test_a_mail_that_is_one_text_is_read_whatever_its_disposition() -> None:
    assert read(b"Content-Disposition: attachment; filename=a.txt\n\nhello").text == "hello"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b"Content-Disposition: attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf", "Résumé.pdf"),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?R=C3=A9sum=C3=A9=2Epdf?="', "Résumé.pdf"),
        ("Content-Disposition: attachment; filename=Résumé.pdf".encode(), "Résumé.pdf"),
        (b'Content-Disposition: attachment; filename="C:\\\\tmp\\\\a.pdf"', "a.pdf"),
        (b"Content-Disposition: attachment; filename=../../etc/passwd", "passwd"),
        (b"Content-Description: my scan", "my scan"),
        (b"X: y", "pdf"),
    ],
)
def test_attachments_have_names(field: bytes, name: str) -> None:
    content = read(
        multipart("mixed", PLAIN + b"hi", b"Content-Type: application/pdf\n" + field + b"\n\n%PDF")
    )
    assert names(content) == [name]


def test_an_embedded_mail_is_an_attachment_named_by_its_subject() -> None:
    content = read(
        multipart("mixed", PLAIN + b"See below.", b"Content-Type: message/rfc822\n\nSubject: old\n\nwords")
    )
    assert content.text == "See below."
    assert names(content) == ["old"]
    assert content.embedded is not None
    assert content.embedded.fields.first("subject") == "old"


def test_a_report_is_read_by_its_first_part() -> None:
    content = read(
        multipart(
            "report; report-type=delivery-status",
            PLAIN + b"It could not be delivered.",
            b"Content-Type: message/delivery-status\n\nStatus: 5.1.1",
            b"Content-Type: text/rfc822-headers\n\nSubject: ours",
        )
    )
    assert content.text == "It could not be delivered."
    assert names(content) == ["delivery-status", "rfc822-headers"]


def test_a_signature_of_the_whole_mail_is_an_attachment() -> None:
    content = read(multipart("signed", PLAIN + b"hello", b"Content-Type: application/pgp-signature\n\nxyz"))
    assert (content.text, names(content)) == ("hello", ["pgp-signature"])


def test_flowed_lines_become_paragraphs() -> None:
    assert (
        read(b"Content-Type: text/plain; format=flowed\n\nMy heater \nis broken.").text
        == "My heater is broken."
    )


def test_the_charset_of_html_may_stand_inside_it() -> None:
    content = read(b"Content-Type: text/html\n\n<meta charset=iso-8859-2><p>\xb1</p>")
    assert content.text == "ą"


def test_a_calendar_in_an_alternative_is_an_attachment() -> None:
    content = read(
        multipart("alternative", PLAIN + b"Meet?", b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR")
    )
    assert (content.text, names(content)) == ("Meet?", ["calendar"])


def test_a_long_text_is_cut_with_a_defect() -> None:
    content = read_content(read_tree(b"\n" + b"word " * 100, Limits())[0], Limits(text_chars=50))
    assert len(content.text) == 50
    assert content.defects == ("the text is longer than 50 characters",)


def test_html_that_claims_to_be_plain_is_read_as_html() -> None:
    assert read(b"Content-Type: text/plain\n\n<!DOCTYPE html><html><p>hello</p></html>").text == "hello"


def test_a_picture_inside_the_html_does_not_use_up_the_room_of_the_text() -> None:
    picture = b'<img src="data:image/png;base64,' + b"iVBORw0K" * 400_000 + b'">'
    content = read(HTML + picture + b"<p>hello</p>")
    assert (content.text, content.defects) == ("hello", ())
