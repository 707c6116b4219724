"""Notices when many people write about the same thing at once, and proposes it as an incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage import incidents as surges
from triage.pipeline.ports import Pass, PassReport
from triage.store import Store
from triage.store.mail import MessageRecord

MOST = 500  # mails of the last hours that are compared with each other
USUAL = 400  # earlier mails that tell what people write about on ordinary days


def notice(work: Pass, store: Store, report: PassReport) -> None:
    """Propose a surge of like mails as an incident; add to one that is known already.

    Nothing changes for their requesters until the team opens it (`triage incidents open`).
    """
    if not report.seen:
        return
    _rush(work, store, report)
    account, now = work.account.name, work.now
    recent = store.mail.from_people(account, since=now - surges.WITHIN, before=now, limit=MOST)
    fresh = [mail for mail in recent if mail.incident is None]
    if len(fresh) < surges.LEAST:
        return
    usual = store.mail.from_people(account, before=now - surges.SPAN, limit=USUAL)
    for surge in surges.find(
        [_mail(mail, now) for mail in fresh], now=now, usual=[f"{m.subject}\n{m.new_text}" for m in usual]
    ):
        example = next(mail for mail in fresh if mail.id == surge.example)
        with store.transaction():
            for known in store.incidents.known(account, now=now):
                if surges.belongs(known.terms, example.subject, example.new_text):
                    if known.status in ("proposed", "open"):
                        store.incidents.add(known.id, surge.mails)
                    break
            else:
                id = store.incidents.propose(
                    account=account,
                    name=surge.name,
                    terms=surge.terms,
                    mails=surge.mails,
                    example=surge.example,
                    since=surge.since,
                    at=now,
                )
                report.alarms.append(
                    f"{surge.requesters} people wrote about the same thing since"
                    f" {surge.since:%H:%M} UTC: “{surge.name}”; see `triage incidents list`, and"
                    f" `triage incidents open i{id} --say …` to answer them all"
                )


def _rush(work: Pass, store: Store, report: PassReport) -> None:
    """Far more people write than usual: told once in the hours that are counted."""
    account, now = work.account.name, work.now
    people = store.mail.writers(account, since=now - surges.RUSH, before=now)
    if people < 2 * surges.LEAST:
        return
    told = store.journal.of("mailbox", f"{account} rush")
    if told and now - told[-1].at < surges.RUSH:
        return
    days = [timedelta(days=n) for n in range(1, surges.RUSH_DAYS + 1)]
    first = store.mail.first(account)
    earlier = [
        store.mail.writers(account, since=now - day - surges.RUSH, before=now - day)
        for day in days
        if first and first <= now - day - surges.RUSH
    ]
    if surges.is_rush(people, earlier):
        usual = sum(earlier) / len(earlier)
        why = f"{people} people wrote in the last {surges.RUSH.seconds // 3600} hours, usually {usual:.0f} do"
        store.journal.note("mailbox", f"{account} rush", "rush", at=now, why=why)
        report.alarms.append(f"{why} at this hour: see `triage messages list` for what has happened")


def _mail(record: MessageRecord, now: datetime) -> surges.Mail:
    return surges.Mail(
        id=record.id,
        requester=record.requester.address if record.requester else "",
        received=record.received or now,
        subject=record.subject,
        text=record.new_text,
    )
