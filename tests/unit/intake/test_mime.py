"""The tree of parts: tolerant of broken mail, within limits."""

from __future__ import annotations

import base64

import pytest

from triage.intake.mime import Part, decode_transfer, read_tree
from triage.types import Limits

MIXED = b"Content-Type: multipart/mixed; boundary=B\n\n"


def tree(content: bytes, limits: Limits | None = None) -> tuple[Part, tuple[str, ...]]:
    return read_tree(content, limits or Limits())


def bodies(part: Part) -> list[bytes]:
    return [bytes(child.body) for child in part.children]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_parts_are_divided_whatever_the_line_ends(end: bytes) -> None:
    content = (MIXED + b"preamble\n--B\n\none\n--B  \nX: 1\n\ntwo\nmore\n--B--\nepilogue").replace(b"\n", end)
    root, defects = tree(content)
    assert bodies(root) == [b"one", b"two\nmore"]
    assert root.children[1].fields.first("x") == "1"
    assert defects == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (MIXED + b"--B\n\none\n--B\n\ntwo", [b"one", b"two"]),  # not closed
        (MIXED + b"--B\n\none\n--BB\nstill one\n--B--\n", [b"one\n--BB\nstill one"]),  # another's boundary
        (MIXED + b"--B\n--B\n\n\n--B--", [b"", b""]),
        (MIXED + b"--B--\n\nlate", []),
        (b"Content-Type: multipart/mixed\n\n--frontier\n\none\n--frontier--", [b"one"]),  # no parameter
        (b'Content-Type: multipart/mixed; boundary="a b(.*"\n\n--a b(.*\n\none\n--a b(.*--', [b"one"]),
    ],
)
def test_broken_multiparts_are_divided_as_well_as_can_be(content: bytes, expected: list[bytes]) -> None:
    assert bodies(tree(content)[0]) == expected


def test_a_multipart_without_parts_is_plain_text() -> None:
    root, defects = tree(b"Content-Type: multipart/mixed; boundary=B\n\nMy heater is cold.")
    assert root.content_type == "text/plain"
    assert bytes(root.body) == b"My heater is cold."
    assert defects == ("a multipart without parts",)


@pytest.mark.parametrize(
    ("declared", "content_type"),
    [
        (b"", "text/plain"),
        (b"Content-Type: text\n", "text/plain"),
        (b"Content-Type: text/\n", "text/plain"),
        (b"Content-Type: \xff; x\n", "text/plain"),
        (b"Content-Type: HTML\n", "text/html"),
        (b"Content-Type: Image/PNG; name=a.png\n", "image/png"),
        (b"Content-Type: application/vnd.ms-excel.sheet+xml\n", "application/vnd.ms-excel.sheet+xml"),
    ],
)
def test_a_malformed_content_type_is_plain_text(declared: bytes, content_type: str) -> None:
    assert tree(b"Subject: x\n" + declared + b"\nbody")[0].content_type == content_type


def test_an_embedded_mail_is_a_part_with_one_child_even_when_it_is_encoded() -> None:
    inner = b"Subject: inner\n\nhello"
    plain, _ = tree(b"Content-Type: message/rfc822\n\n" + inner)
    encoded, _ = tree(
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(inner)
    )
    for root in (plain, encoded):
        assert root.children[0].fields.first("subject") == "inner"
        assert bytes(root.children[0].body) == b"hello"


def test_the_parts_of_a_digest_are_mails() -> None:
    root, _ = tree(b"Content-Type: multipart/digest; boundary=B\n\n--B\n\nSubject: inner\n\nhello\n--B--")
    assert root.children[0].content_type == "message/rfc822"
    assert root.children[0].children[0].fields.first("subject") == "inner"


def test_parts_and_depth_end_at_their_limits_with_a_defect() -> None:
    many, defects = tree(MIXED + b"--B\n\nx\n" * 50, Limits(parts=10))
    assert len(many.children) == 9
    assert defects == ("more than 10 parts",)
    deep, defects = tree(b"Content-Type: message/rfc822\n\n" * 50, Limits(depth=5))
    depth = 0
    while deep.children:
        deep = deep.children[0]
        depth += 1
    assert depth == 5
    assert defects == ("parts are nested deeper than 5",)


@pytest.mark.parametrize(
    ("octets", "encoding", "decoded"),
    [
        (b"SGVhdGVy", "base64", b"Heater"),
        (b"SGVh\ndGVyIQ", "base64", b"Heater!"),
        (b"SGVh*\x00dGVyIQ=", "base64", b"Heater!"),
        (b"SGVhdGVyIQ==\nSGVhdGVyIQ==\n", "base64", b"Heater!Heater!"),
        (b"SGVhdGVyI", "base64", b"Heater"),
        (b"", "base64", b""),
        (b"My heater is cold, and it is winter.", "base64", b"My heater is cold, and it is winter."),
        (b"caf=C3=A9 =\n1=3D1 =ZZ=", "quoted-printable", b"caf\xc3\xa9 1=1 =ZZ"),
        (b"#0V%T\n`", "x-uuencode", b"Cat"),
        (b"as it is", "x-unknown", b"as it is"),
    ],
)
def test_transfer_encodings_are_undone_leniently(octets: bytes, encoding: str, decoded: bytes) -> None:
    assert decode_transfer(octets, encoding) == decoded


def test_a_byte_order_mark_and_empty_lines_before_the_headers_are_passed_over() -> None:
    assert tree(b"\xef\xbb\xbf\r\nFrom: a@x.example\r\n\r\nhi")[0].fields.first("from") == "a@x.example"
