"""The demo's mails, dated as if they had come within the last days.

mails/ACCOUNT/MAILBOX/*.eml are mails as they come, but for their dates: `{{minus:2d6h}}` stands
for the instant so long ago as in RFC 5322, `{{minus:2d6h:%d/%m/%Y}}` for the same in that
strftime format. The Date header tells when a mail came in, too.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib.resources import files

from triage.demo.server import StoredMail

USERNAMES = {
    "larkwell": "help@larkwell.example",
    "tidewater": "care@tidewater.example",
    "pennant": "support@pennant.example",
}
INBOX, DRAFTS, SENT = "INBOX", "Drafts", "Sent"

_AGO = re.compile(r"\{\{minus:(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?::([^}]*))?\}\}")
_DATE = re.compile(rf"^Date: {_AGO.pattern}$", re.MULTILINE)
_ID = re.compile(rb"^Message-ID: (<[^>\r\n]*>)", re.MULTILINE)
_ANSWERS = re.compile(rb"^In-Reply-To: (<[^>\r\n]*>)", re.MULTILINE)


def accounts(now: datetime) -> dict[str, dict[str, list[StoredMail]]]:
    """What lies on the server: username → mailbox → mails in the order of their arrival.

    As a mail program does it, a mail that one in Sent answers is flagged \\Answered.
    """
    return {username: _mailboxes(account, now) for account, username in USERNAMES.items()}


def dated(mail: str, now: datetime) -> str:
    """The mail with its dates filled in."""

    def instant(found: re.Match[str]) -> str:
        then = now - _age(found)
        return then.strftime(found[4]) if found[4] else format_datetime(then)

    return _AGO.sub(instant, mail)


def _mailboxes(account: str, now: datetime) -> dict[str, list[StoredMail]]:
    sent = _mails(account, SENT, now, answered=frozenset())
    answered = frozenset(found[1] for mail in sent if (found := _ANSWERS.search(mail.content)))
    return {INBOX: _mails(account, INBOX, now, answered=answered), DRAFTS: [], SENT: sent}


def _mails(account: str, mailbox: str, now: datetime, *, answered: frozenset[bytes]) -> list[StoredMail]:
    folder = files("triage.demo").joinpath("mails", account, mailbox)
    if not folder.is_dir():
        return []
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".eml")]
    return sorted((_stored(text, now, answered) for text in texts), key=lambda mail: mail.internal_date)


def _stored(text: str, now: datetime, answered: frozenset[bytes]) -> StoredMail:
    arrival = _DATE.search(text)
    if arrival is None:
        raise ValueError("a sample mail without a Date header of its own")
    content = dated(text, now).encode("utf-8").replace(b"\n", b"\r\n")
    known = _ID.search(content)
    flags = frozenset({"\\Answered", "\\Seen"}) if known and known[1] in answered else frozenset[str]()
    return StoredMail(content=content, internal_date=now - _age(arrival), flags=flags)


def _age(found: re.Match[str]) -> timedelta:
    days, hours, minutes = (int(found[n] or 0) for n in (1, 2, 3))
    return timedelta(days=days, hours=hours, minutes=minutes)
