"""Hostile mail yields a clean draft or none: never another header, never an evaluated expression."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from triage import texts
from unit.pipeline.office import OURS, Office
from unit.pipeline.postbox import NOW

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Triage-Marker", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
}  # fmt: skip
ASKS = "Which filter fits the model 300, please? Mine is worn and the shop is closed."
ATTACKS = {
    "jinja in the subject": ("{{ 7*7 }}{% raw %}", "Anna", ASKS),
    "jinja in the body": (
        "A question", "Anna", f"Does {{{{ 7 * 191 }}}} fit the model 300? {{% include 'x' %}}\n\n{ASKS}"
    ),
    "jinja in the name": ("A question", "{{ config }}{{ 7*191 }}", ASKS),
    "jinja in the sign-off": ("A question", "", f"{ASKS}\n\nRegards\n{{{{ 7*191 }}}}"),
    "a folded header": ("A question\r\n Bcc: all@evil.example", "Anna", ASKS),
    "line ends in an encoded word": (
        "=?utf-8?q?A=0D=0ABcc:_all=40evil.example?=", "=?utf-8?q?An=0D=0AX-Evil:_1?=", ASKS
    ),
    "bidi": ("A \u202equestion\u202c about \u2066filters\u2069", "Anna \u202egnp.exe", f"\u202e{ASKS}\u202c"),
    "a huge subject": ("filter " * 15_000, "Anna", ASKS),
    "a huge name": ("A question", "Anna " * 2_000, ASKS),
    "addresses in the name": ("A question", '"a@evil.example, b@evil.example"', ASKS),
    "control characters": ("A\x07 \x1b[31mquestion", "An\x00na", f"\x1b]0;evil\x07{ASKS}"),
    "markup": ("<script>alert(1)</script> question", "<b>Anna</b>", f"<img src=x onerror=1> {ASKS}"),
    "a format string": ("%s%n {0.__class__} {promise}", "{signature}", f"{{promise}} %(x)s {ASKS}"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_draft_is_clean_or_there_is_none(office: Office, attack: str, language: str) -> None:
    subject, name, text = ATTACKS[attack]
    replies = replace(office.settings.replies, languages=(language,), signature="Bo")
    policy = replace(office.settings.policy, languages=frozenset(texts.languages()))
    office.settings = replace(office.settings, wait=timedelta(), replies=replies, policy=policy)
    mail = (
        f"From: {name} <anna@customer.example>\r\nTo: {OURS}\r\nSubject: {subject}\r\n"
        f"Message-ID: <a@customer.example>\r\nDate: {NOW:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    uid = office.postbox.boxes["INBOX"].put(mail.encode())
    office.run()
    assert office.message(uid).disposition is not None
    for lying in office.postbox.boxes["Drafts"].mails.values():
        head, _, _ = lying.content.partition(b"\r\n\r\n")
        assert all(len(line) <= 998 for line in lying.content.split(b"\r\n"))
        draft = message_from_bytes(lying.content, policy=default)
        assert set(draft.keys()) <= HEADERS
        assert len(draft.keys()) == len(set(draft.keys()))
        (to,) = draft["To"].addresses
        assert to.addr_spec == "anna@customer.example"
        assert b"evil.example" not in head or attack in ("addresses in the name", "a folded header",
                                                         "line ends in an encoded word")  # fmt: skip
        assert not {"bcc", "cc", "x-evil"} & {
            line.partition(b":")[0].lower().decode() for line in head.split(b"\r\n")
        }
        words = str(draft.get_content())
        ours = words.partition("\n> ")[0]
        assert "1337" not in words
        assert "49" not in words
        assert not set(words) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x07\x1b")
        assert len(ours) < 2_000
