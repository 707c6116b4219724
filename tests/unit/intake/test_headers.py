"""Header fields: read whole, decoded, on one line, within limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import in_proportion
from triage.intake.headers import Fields, decode_words, message_ids, parameters, read_date, read_fields
from triage.types import Limits


def read(block: bytes, limits: Limits | None = None) -> tuple[Fields, bytes]:
    fields, body = read_fields(block, 0, len(block), limits or Limits())
    return fields, block[body:]


def test_fields_are_unfolded_in_order_and_the_body_starts_after_the_empty_line() -> None:
    fields, body = read(b"Subject: one\n two\nX-A : b\nsubject:three\n\nSubject: body\n")
    assert fields.fields == (("subject", "one two"), ("x-a", "b"), ("subject", "three"))
    assert fields.all("subject") == ("one two", "three")
    assert body == b"Subject: body\n"


def test_a_line_that_is_no_field_starts_the_body_unless_known_fields_follow() -> None:
    fields, body = read(b"Subject: x\nHello team,\nNote: all is cold\n\nAnna")
    assert fields.fields == (("subject", "x"),)
    assert body == b"Hello team,\nNote: all is cold\n\nAnna"
    fields, body = read(b"Subject: x\nbroken\nFrom: a@x.example\n\nbody")
    assert fields.first("from") == "a@x.example"
    assert body == b"body"
    assert fields.defects


def test_an_mbox_separator_is_no_field() -> None:
    assert read(b"From a@x.example Tue Nov 3\nSubject: x\n\nbody")[0].fields == (("subject", "x"),)


def test_too_many_and_too_long_fields_are_cut_but_the_needed_ones_stay() -> None:
    limits = Limits(headers=3, header_length=10, header_bytes=60)
    fields, _ = read(
        b"X: 1\nX: 2\nX: 3\nX: 4\nSubject: " + b"s" * 50 + b"\nFrom: a@x.example\n b\n\n", limits
    )
    assert [name for name, _ in fields.fields] == ["x", "x", "x", "subject", "from"]
    assert fields.first("subject") == "s" * 10
    assert len(fields.defects) == 4


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("=?utf-8?q?caf=C3=A9_1?= and =?ISO-8859-1?Q?=E9?=", "café 1 and é"),
        ("=?utf-8?b?Y2Fmw6k=?=", "café"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=   =?iso-8859-1?q?b?= c", "ab c"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
        ("=?utf-8*en?q?a?=", "a"),
        ("x=?utf-8?q?a?=y", "xay"),
        ("=?utf-8?q?two words?=", "two words"),
        ("=?utf-8?q?=3D?=", "="),
        ("=?utf-8?q?=3F=3D?=", "?="),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?never closed", "=?utf-8?q?never closed"),
        ("=?utf-8?q?lost =?utf-8?q?found?=", "=?utf-8?q?lost found"),
        ("=?utf-8?q?a=0D=0ABcc=3A_x?=", "a Bcc: x"),
        ("=?utf-8?q?a=00b=E2=80=A8c?=", "a\ufffdb c"),
        ("=?no-such?q?caf=C3=A9?=", "café"),
        ("plain = ? text?=", "plain = ? text?="),
    ],
)
def test_encoded_words_are_decoded_and_broken_ones_stay(raw: str, decoded: str) -> None:
    assert decode_words(raw) == decoded


PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters="\ufeff")


@given(st.text(PLAIN, max_size=80))
def test_what_the_standard_library_encodes_is_read_back(text: str) -> None:
    from email.header import Header

    encoded = Header(text, "utf-8", maxlinelen=60).encode(linesep="\n")
    fields, _ = read(b"Subject: " + encoded.encode() + b"\n\n")
    assert decode_words(fields.first("subject")).strip() == text.strip()


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        (
            'Text/Plain; Charset="UTF-8"; format=flowed',
            "text/plain",
            {"charset": "UTF-8", "format": "flowed"},
        ),
        ("text/plain charset=utf-8", "text/plain", {}),
        ("text/plain;charset=a;charset=b", "text/plain", {"charset": "a"}),
        ('a/b; name="x;\\"y\\".pdf"; z=1', "a/b", {"name": 'x;"y".pdf', "z": "1"}),
        ("attachment; filename*=utf-8''caf%C3%A9.pdf", "attachment", {"filename": "café.pdf"}),
        (
            'attachment; filename*0="a b"; filename*1*=%20c; filename*2=d',
            "attachment",
            {"filename": "a b cd"},
        ),
        ("a; f*1*=%C3%A9; f*0*=iso-8859-1''%e9", "a", {"f": "éÃ©"}),
        ('a; filename="=?utf-8?q?caf=C3=A9=2Epdf?="', "a", {"filename": "café.pdf"}),
        ("text/plain; name*", "text/plain", {}),
        ("", "", {}),
        (";;; ;=;a", "", {}),
        ('a; name="never closed', "a", {"name": "never closed"}),
    ],
)
def test_parameters_are_read(raw: str, value: str, expected: dict[str, str]) -> None:
    assert parameters(raw) == (value, expected)


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ("<a@x.example>", ("<a@x.example>",)),
        (
            "<a@x.example><b@x.example> junk <c d@x.example>",
            ("<a@x.example>", "<b@x.example>", "<cd@x.example>"),
        ),
        ("a@x.example", ("<a@x.example>",)),
        ("a@x.example b@x.example", ("<a@x.example>", "<b@x.example>")),
        ("Your message of Tuesday from a@x.example", ()),
        ("<[b378dfc5@x.example]>", ("<[b378dfc5@x.example]>",)),
        ("<> < > <é@x.example> <<a@x.example> <unclosed", ("<a@x.example>",)),
        ("<a@x.example> <a@x.example>", ("<a@x.example>",)),
        ("<" + "a" * 501 + ">", ()),
        ("", ()),
    ],
)
def test_message_ids_are_found_and_garbage_is_dropped(raw: str, ids: tuple[str, ...]) -> None:
    assert message_ids(raw) == ids


def test_of_many_message_ids_the_first_and_the_last_stay() -> None:
    ids = message_ids(" ".join(f"<{n}@x.example>" for n in range(500)))
    assert ids[0] == "<0@x.example>"
    assert ids[1:] == tuple(f"<{n}@x.example>" for n in range(401, 500))


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Tue, 03 Nov 2026 10:00:00 +0100", datetime(2026, 11, 3, 9, tzinfo=UTC)),
        ("3 Nov 2026 10:00 GMT", datetime(2026, 11, 3, 10, tzinfo=UTC)),
        ("Tue, 03 Nov 2026 10:00:00 -0000 (really)", datetime(2026, 11, 3, 10, tzinfo=UTC)),
        ("99 Foo", None),
        ("", None),
        ("Tue, 03 Nov 2026 10:00:00 +999999999", None),
        ("Tue, 33 Nov 2026 10:00:00 +0000", None),
        ("9" * 5_000, None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
    ],
)
def test_dates_are_instants_or_none(raw: str, instant: datetime | None) -> None:
    assert read_date(raw) == instant


@pytest.mark.parametrize(
    "piece", ["=?", "=?a?q?", "=?utf-8?q?a?= ", "?=", "<", "<a>", "; a", ';a="', ';a="\\', "; a*1*=b", " "]
)
def test_values_are_read_in_linear_time(piece: str) -> None:
    def read(raw: str) -> None:
        decode_words(raw)
        parameters(raw)
        message_ids(raw)
        read_date(raw)

    raw = piece * (100_000 // len(piece))
    assert in_proportion(read, raw[:10_000], raw, times=10, within=2.0)
