"""Mails that have broken programs like this one, by name.

`NASTY` holds the octets of each. `SENTENCE` is what their writer wanted to say; `LOST` names
the mails of which nobody could read it. All addresses are fictional.
"""

from __future__ import annotations

import base64
import quopri

SENTENCE = "My heater has been broken since Tuesday."
_TEXT = SENTENCE.encode()
_BASE = {
    b"From": b"Anna Example <anna@customer.example>",
    b"To": b"Support <support@ours.example>",
    b"Subject": b"Heater",
    b"Date": b"Tue, 03 Nov 2026 10:00:00 +0000",
    b"Message-ID": b"<base@customer.example>",
}


def _mail(
    fields: dict[bytes, bytes | None] | None = None, body: bytes = _TEXT, end: bytes = b"\r\n"
) -> bytes:
    """A plain mail; a field given as None is left out, other ones replace or extend the usual."""
    merged: dict[bytes, bytes | None] = {**_BASE, **(fields or {})}
    head = [name + b": " + value for name, value in merged.items() if value is not None]
    return end.join([*head, b"", body, b""])


def _typed(content_type: bytes, body: bytes = _TEXT, encoding: bytes = b"8bit") -> bytes:
    return _mail({b"Content-Type": content_type, b"Content-Transfer-Encoding": encoding}, body)


def _multipart(kind: bytes, *parts: bytes, boundary: bytes = b"BB", close: bool = True) -> bytes:
    lines = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    end = b"--" + boundary + b"--\r\n" if close else b""
    return _typed(b'multipart/%s; boundary="%s"' % (kind, boundary), lines + end)


def _part(content_type: bytes, body: bytes, *more: bytes) -> bytes:
    return b"\r\n".join([b"Content-Type: " + content_type, *more, b"", body])


def _nested_multiparts(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )
    head = b"\r\n".join(name + b": " + value for name, value in _BASE.items())
    return head + b"\r\n" + opened + b"Content-Type: text/plain\r\n\r\n" + _TEXT + b"\r\n"


def _nested_mails(depth: int) -> bytes:
    head = b"\r\n".join(name + b": " + value for name, value in _BASE.items())
    return (
        head + b"\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: inmost\r\n\r\n" + _TEXT
    )


_HTML = b"<p>%s</p>" % _TEXT
_BASE64 = base64.encodebytes(_TEXT)

NASTY: dict[str, bytes] = {
    # parameters and addresses that crash the standard library
    "parameter_without_value": _typed(b"text/plain; name*"),
    "parameter_star_only": _typed(b"text/plain; *; *0; *0*=; charset*"),
    "to_only_a_comment": _mail({b"To": b"(c):"}),
    "cc_comment_as_group": _mail({b"Cc": b"(x): a@customer.example;"}),
    "to_unclosed_quote": _mail({b"To": b'"'}),
    "from_unclosed_angle": _mail({b"From": b"<"}),
    "from_1000_open_brackets": _mail({b"From": b"(" * 1_000}),
    "from_unclosed_comment": _mail({b"From": b"(Anna <anna@customer.example>"}),
    "from_with_encoded_newline": _mail({b"From": b"=?utf-8?q?a=0D=0ABcc=3A_x=40y?= <anna@customer.example>"}),
    "from_20000_dots": _mail({b"From": b"a" + b"." * 20_000 + b"b@customer.example"}),
    "from_20000_backslashed_quotes": _mail({b"From": b'"' + b'\\"' * 20_000}),
    "to_20000_addresses": _mail({b"To": b", ".join(b"a%d@customer.example" % n for n in range(20_000))}),
    "address_of_cve_2023_27043": _mail({b"From": b"alice@customer.example)bob@customer.test"}),
    "address_with_two_ats": _mail({b"From": b"Anna <a@evil.example@good.example>"}),
    "address_homograph": _mail({b"From": "Anna <anna@\u0430pple.example>".encode()}),
    "address_hidden_in_encoded_word": _mail({b"From": b"=?utf-8?q?Anna_=3Canna=40customer=2Eexample=3E?="}),
    "address_with_a_long_wrong_domain": _mail({b"From": b"anna@" + b"x" * 200 + b"!.example"}),
    "two_from_headers": b"From: Bob <bob@customer.test>\r\n" + _mail(),
    "no_from": _mail({b"From": None}),
    "no_headers_but_from": b"From: anna@customer.example\r\n\r\n" + _TEXT,
    # identifiers, subjects, dates
    "message_id_in_brackets": _mail({b"Message-ID": b"<[b378dfc5@customer.example]>"}),
    "message_id_without_brackets": _mail({b"Message-ID": b"b378dfc5@customer.example"}),
    "message_id_with_quote_and_nul": _mail({b"Message-ID": b'<x"\x00y@customer.example>'}),
    "references_10000": _mail(
        {b"References": b" ".join(b"<%d@customer.example>" % n for n in range(10_000))}
    ),
    "subject_lone_surrogate": _mail({b"Subject": b"=?unicode_escape?q?=5Cud800?="}),
    "subject_injects_bcc": _mail({b"Subject": b"=?utf-8?q?hi=0D=0ABcc=3A_victim=40customer.example?="}),
    "subject_20000_encoded_words": _mail({b"Subject": b"=?utf-8?q?a?= " * 20_000}),
    "subject_20000_opened_words": _mail({b"Subject": b"=?utf-8?q?" * 20_000}),
    "subject_20000_opened_words_closed_once": _mail({b"Subject": b"=?utf-8?q?" * 2_000 + b"?="}),
    "subject_broken_base64": _mail({b"Subject": b"=?utf-8?b?SGVhdGV?= =?utf-8?b?!!!?= =?x?q?"}),
    "subject_split_character": _mail({b"Subject": b"=?utf-8?q?caf=C3?= =?utf-8?q?=A9?="}),
    "subject_raw_utf8": _mail({b"Subject": "Heizung geht nicht \u2013 Gr\u00fc\u00dfe".encode()}),
    "subject_raw_latin1": _mail({b"Subject": b"Gr\xfc\xdfe"}),
    "subject_terminal_escapes": _mail({b"Subject": b"a\x1b]0;pwn\x07\x1b[2J\x9b31m \xe2\x80\xae [/b]"}),
    "subject_template": _mail({b"Subject": b"{{ 7*7 }} {% include '/etc/passwd' %} '); DROP TABLE"}),
    "subject_spreadsheet_formula": _mail({b"Subject": b"=cmd|'/c calc'!A1"}),
    "subject_100_kb": _mail({b"Subject": b"heater " * 15_000}),
    "subject_folded_1000_times": _mail({b"Subject": b"heater\r\n " * 1_000 + b"end"}),
    "date_99_foo": _mail({b"Date": b"99 Foo"}),
    "date_wild_zone": _mail({b"Date": b"Tue, 03 Nov 2026 10:00:00 +999999999"}),
    "date_5000_digits": _mail({b"Date": b"9" * 5_000}),
    "date_empty": _mail({b"Date": b""}),
    "date_year_9999": _mail({b"Date": b"Fri, 31 Dec 9999 23:59:59 -1200"}),
    "date_year_1": _mail({b"Date": b"Mon, 1 Jan 0001 00:00:00 +1200"}),
    # header blocks
    "content_type_20000_semicolons": _typed(b"text/plain" + b";" * 20_000),
    "content_type_20000_parameters": _typed(b"text/plain" + b"".join(b"; p%d=v" % n for n in range(20_000))),
    "content_type_20000_open_quotes": _typed(b"text/plain" + b'; p="\\' * 20_000),
    "content_type_sections_without_end": _typed(
        b"text/plain" + b"".join(b"; name*%d*=%%41" % n for n in range(2_000))
    ),
    "headers_20000": b"X-Junk: 1\r\n" * 20_000 + _mail(),
    "header_block_1_mb": b"X-Junk: " + b"j" * 1_000_000 + b"\r\n" + _mail(),
    "header_name_100_kb": b"X" * 100_000 + b": 1\r\n" + _mail(),
    "header_line_without_colon": b"From: anna@customer.example\r\nbroken line\r\nSubject: Heater\r\n\r\n"
    + _TEXT,
    "no_empty_line_before_text": b"From: anna@customer.example\r\nSubject: Heater\r\n"
    + _TEXT
    + b"\r\n\r\nAnna",
    "mbox_separator_first": b"From anna@customer.example Tue Nov  3 10:00:00 2026\r\n" + _mail(),
    "empty_lines_first": b"\r\n\r\n" + _mail(),
    "no_mime_version": _typed(b"text/plain; charset=utf-8"),
    "bare_lf": _mail(end=b"\n"),
    "bare_cr": _mail(end=b"\r"),
    "mixed_line_ends": _mail().replace(b"\r\n", b"\n", 3),
    # charsets
    **{
        f"charset_{name.replace('-', '_')}": _typed(b"text/plain; charset=" + name.encode())
        for name in (
            "unknown-8bit",
            "x-unknown",
            "uft-8",
            "utf8mb4",
            "zlib",
            "rot13",
            "hex",
            "idna",
            "undefined",
        )
    },
    "charset_punycode": _typed(b"text/plain; charset=punycode"),
    "charset_unicode_escape": _typed(b"text/plain; charset=unicode_escape", _TEXT + b" \\ud800"),
    "charset_100_kb": _typed(b"text/plain; charset=" + b"x" * 100_000),
    "charset_nul": _typed(b'text/plain; charset="utf-8\x00"'),
    "charset_path": _typed(b'text/plain; charset="../../etc/passwd"'),
    "charset_utf7_surrogate": _typed(b"text/plain; charset=utf-7", _TEXT + b" +2AA-"),
    "charset_utf16_odd": _typed(b"text/plain; charset=utf-16le", SENTENCE.encode("utf-16le") + b"\x00"),
    "charset_ascii_with_utf8": _typed(b"text/plain; charset=us-ascii", _TEXT + "\u2013 caf\u00e9".encode()),
    "charset_utf8_with_broken_octets": _typed(b"text/plain; charset=utf-8", _TEXT + b" \xff\xfe caf\xe9"),
    "nul_octets": _typed(b"text/plain", _TEXT + b"\x00" * 1_000),
    # transfer encodings and types
    "base64_without_padding": _typed(b"text/plain", _BASE64.strip().rstrip(b"="), b"base64"),
    "base64_with_junk": _typed(b"text/plain", b"!!" + _BASE64[:20] + b"\r\n*\xff" + _BASE64[20:], b"base64"),
    "base64_one_letter_too_many": _typed(b"text/plain", _BASE64.strip().rstrip(b"=") + b"=\r\nA", b"base64"),
    "base64_that_is_prose": _typed(b"text/plain", _TEXT, b"base64"),
    "base64_padding_million": _typed(b"text/plain", _BASE64 + b"A=" * 1_000_000, b"base64"),
    "quoted_printable_broken": _typed(
        b"text/plain", quopri.encodestring(_TEXT) + b"=ZZ =", b"quoted-printable"
    ),
    "encoding_unknown": _typed(b"text/plain", _TEXT, b"x-rot13"),
    "encoding_8_bit": _typed(b"text/plain", _TEXT, b"8-bit (really)"),
    "uuencoded_file_in_text": _mail(body=_TEXT + b"\r\nbegin 644 photo.jpg\r\n#0V%T\r\n`\r\nend\r\n"),
    "uuencode_without_end": _mail(body=_TEXT + b"\r\nbegin 644 photo.jpg\r\n" + b"#0V%T\r\n" * 10_000),
    "uuencode_begins_10000": _mail(body=_TEXT + b"\r\nbegin 644 photo.jpg" * 10_000),
    "content_type_text": _typed(b"text"),
    "content_type_empty": _typed(b""),
    "content_type_garbage": _typed(b"\xff\xfe; ;;=; charset"),
    "content_type_comma": _typed(b"text/plain, charset=utf-8"),
    # trees
    "nested_multiparts_2000": _nested_multiparts(2_000),
    "nested_multiparts_15": _nested_multiparts(15),
    "nested_mails_5000": _nested_mails(5_000),
    "nested_mails_500": _nested_mails(500),
    "parts_100000": _multipart(b"mixed", _part(b"text/plain", _TEXT), *[b"\r\nx"] * 100_000),
    "boundaries_only_100000": _multipart(b"mixed", _part(b"text/plain", _TEXT), *[b""] * 100_000),
    "boundary_lookalikes": _multipart(
        b"mixed", _part(b"text/plain", _TEXT + b"\r\n--BBx" * 200_000), b"\r\ny"
    ),
    "multipart_without_boundary": _typed(
        b"multipart/mixed", b"--BOUNDARY\r\n\r\n" + _TEXT + b"\r\n--BOUNDARY--"
    ),
    "multipart_boundary_never_comes": _typed(b"multipart/mixed; boundary=never"),
    "multipart_not_closed": _multipart(b"mixed", _part(b"text/plain", _TEXT), close=False),
    "multipart_boundary_100_kb": _typed(b"multipart/mixed; boundary=" + b"b" * 100_000),
    "multipart_boundary_is_prefix": _multipart(
        b"mixed",
        _part(b'multipart/mixed; boundary="BBB"', b"--BBB\r\n\r\n" + _TEXT + b"\r\n--BBB--"),
    ),
    "multipart_without_parts": _typed(b'multipart/mixed; boundary="BB"', b"--BB--\r\n"),
    "alternative_with_stub": _multipart(
        b"alternative",
        _part(b"text/plain", b"Your mail program does not show HTML."),
        _part(b"text/html; charset=utf-8", _HTML),
    ),
    "encrypted_pgp": _multipart(
        b"encrypted",
        _part(b"application/pgp-encrypted", b"Version: 1"),
        _part(
            b"application/octet-stream",
            b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----",
        ),
    ),
    "encrypted_smime": _typed(
        b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", b"MIIB", b"base64"
    ),
    "tnef_only": _typed(b"application/ms-tnef; name=winmail.dat", b"eJ8+Ig==", b"base64"),
    "bounce": _multipart(
        b"report",
        _part(b"text/plain", _TEXT),
        _part(b"message/delivery-status", b"Status: 5.1.1"),
        _part(b"message/rfc822", b"Subject: ours\r\n\r\nours"),
    ),
    # HTML
    "html_20000_open_comments": _typed(b"text/html", _HTML + b"<!--" * 20_000),
    "html_5000_nested_lists": _typed(b"text/html", _HTML + b"<ul><li>" * 5_000),
    "html_20000_nested_divs": _typed(b"text/html", b"<div>" * 20_000 + _HTML),
    "html_huge_character_reference": _typed(b"text/html", _HTML + b"&#" + b"9" * 100_000 + b";"),
    "html_3000_blockquotes": _typed(b"text/html", _HTML + b"<blockquote>" * 3_000 + b"old"),
    "html_500_kb_of_open_tags": _typed(b"text/html", _HTML + b"<a href=" * 60_000),
    "html_surrogate_reference": _typed(b"text/html", _HTML + b"&#xD800;&#0;"),
    # texts that make quote strippers hang
    "quote_marks_1_mb": _mail(body=_TEXT + b"\r\n" + b"> " * 500_000),
    "quoted_lines_200000": _mail(body=_TEXT + b"\r\n" + b">\r\n" * 200_000),
    "on_lines_50000": _mail(body=_TEXT + b"\r\n" + b"On Monday, \r\n" * 50_000),
    "blank_lines_500000": _mail(body=_TEXT + b"\r\n" * 500_000 + b"end"),
    "one_line_1_mb": _mail(body=_TEXT + b" a" * 500_000),
    "underscores_1_mb": _mail(body=_TEXT + b"\r\n" + b"_" * 1_000_000),
    # what is hardly a mail
    "empty": b"",
    "only_newlines": b"\r\n\r\n\r\n",
    "only_nul": b"\x00" * 5_000,
    "binary": bytes(range(256)) * 40,
    "headers_only": _mail(body=b""),
    "text_without_headers": _TEXT,
    "truncated_in_base64": _multipart(
        b"mixed",
        _part(b"text/plain", _TEXT),
        _part(b"image/png; name=photo.png", b"iVBORw0KGgoAAA", b"Content-Transfer-Encoding: base64"),
        close=False,
    )[:-3],
    "truncated_in_headers": _mail()[:60],
}

LOST = {
    "encrypted_pgp",
    "encrypted_smime",
    "tnef_only",
    "multipart_without_parts",
    "empty",
    "only_newlines",
    "only_nul",
    "binary",
    "headers_only",
    "truncated_in_headers",
}
