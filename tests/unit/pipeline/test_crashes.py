"""Programs and servers that break off: nothing is lost, and no draft is put on the server twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from triage.errors import Exit, NetworkError, WriteError
from triage.pipeline import message as message_module
from triage.pipeline.ports import AccountSettings
from triage.types import Assessment, Context, Disposition, DraftStatus, Message
from unit.pipeline.office import Office, letter
from unit.pipeline.postbox import NOW, Box, Lying

MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The program ends here, as by kill -9: nothing that follows is done."""


@pytest.fixture
def eager(office: Office) -> Office:
    """An office that drafts at once."""
    office.settings = replace(office.settings, wait=timedelta())
    return office


def killed_at(office: Office, command: str) -> None:
    def fault(asked: str, mailbox: str, uids: Sequence[int]) -> None:
        if asked == command and mailbox in ("Drafts", "INBOX", ""):
            raise Killed

    office.postbox.fault = fault
    with pytest.raises(Killed):
        office.run()
    office.postbox.fault = lambda command, mailbox, uids: None


def killed_after_append(office: Office) -> None:
    def fault() -> None:
        raise Killed

    office.postbox.after_append = fault
    with pytest.raises(Killed):
        office.run()
    office.postbox.after_append = lambda: None


@pytest.mark.parametrize(
    "command", ["connect", "mailboxes", "examine", "search", "envelopes", "fetch", "append"]
)
def test_a_kill_at_any_command_costs_nothing_but_a_repetition(eager: Office, command: str) -> None:
    for name in ("anna", "ben"):
        eager.write(name)
    killed_at(eager, command)
    report = eager.run(MINUTE)
    assert report.exit == 0
    assert {m.disposition for m in eager.store.mail.records()} == {Disposition.DRAFTED}
    assert len(eager.store.mail.records()) == eager.on_server == 2
    assert eager.run(2 * MINUTE).seen == 0


def test_a_draft_that_was_written_before_the_kill_is_found_by_its_marker(eager: Office) -> None:
    eager.write("anna")
    killed_after_append(eager)
    assert eager.drafts()[0].status is DraftStatus.APPENDING
    report = eager.run(MINUTE)
    assert (report.appended, eager.on_server) == (1, 1)
    assert (eager.drafts()[0].status, eager.drafts()[0].uid) == (DraftStatus.STORED, 1)


def test_a_draft_that_was_not_written_is_written_by_the_next_run(eager: Office) -> None:
    eager.write("anna")
    killed_at(eager, "append")
    # Somebody else's draft came meanwhile: no gap, so ours is surely not there.
    eager.postbox.boxes["Drafts"].put(letter("else", "of somebody else"))
    assert eager.run(MINUTE).appended == 1
    assert eager.on_server == 2


def test_a_draft_that_was_sent_at_once_is_not_written_again(eager: Office) -> None:
    eager.write("anna")
    killed_after_append(eager)
    _, lying = eager.postbox.boxes["Drafts"].mails.popitem()
    eager.postbox.boxes["Sent"].put(lying.content)
    assert eager.run(MINUTE).appended == 0
    assert (eager.drafts()[0].status, eager.on_server) == (DraftStatus.SENT, 0)


@pytest.mark.parametrize("how", ["gap", "made anew"])
def test_where_nobody_can_know_the_draft_is_uncertain_and_never_written_by_itself(
    eager: Office, how: str
) -> None:
    uid = eager.write("anna")
    killed_after_append(eager)
    drafts = eager.postbox.boxes["Drafts"]
    drafts.mails.clear()
    if how == "made anew":
        drafts.uidvalidity += 1
    report = eager.run(MINUTE)
    assert (eager.drafts()[0].status, eager.on_server) == (DraftStatus.UNCERTAIN, 0)
    assert eager.message(uid).disposition == Disposition.UNCERTAIN
    assert any("d1" in warning for warning in report.warnings)
    assert eager.run(2 * MINUTE).appended == 0

    # An agent has looked:
    eager.store.drafts.retry(eager.drafts()[0], who="ada", at=eager.drafts()[0].created)
    assert eager.run(3 * MINUTE).appended == 1
    assert (eager.message(uid).disposition, eager.on_server) == (Disposition.DRAFTED, 1)


def test_an_uncertain_draft_that_turns_up_in_drafts_or_sent_is_known_again(eager: Office) -> None:
    for name in ("anna", "ben"):
        eager.write(name)
    killed_after_append(eager)
    kept: list[Lying] = list(eager.postbox.boxes["Drafts"].mails.values())
    eager.postbox.boxes["Drafts"].mails.clear()
    eager.run(MINUTE)
    assert eager.drafts()[0].status is DraftStatus.UNCERTAIN
    eager.postbox.boxes["Sent"].put(kept[0].content)
    eager.run(2 * MINUTE)
    assert eager.drafts()[0].status is DraftStatus.SENT


def test_a_connection_lost_in_the_append_is_made_anew_and_the_draft_looked_for(eager: Office) -> None:
    eager.write("anna")
    times = iter([True])

    def lost() -> None:
        if next(times, False):
            raise NetworkError("the server hung up")

    eager.postbox.after_append = lost
    report = eager.run()
    assert (report.exit, report.appended, eager.on_server) == (0, 1, 1)
    assert eager.drafts()[0].status is DraftStatus.STORED


def test_without_an_appenduid_the_draft_is_looked_for(eager: Office) -> None:
    eager.write("anna")
    eager.postbox.tells_uid = False
    assert eager.run().appended == 1
    assert (eager.drafts()[0].uid, eager.drafts()[0].status) == (1, DraftStatus.STORED)
    eager.run(20 * MINUTE)
    assert eager.drafts()[0].status is DraftStatus.STORED


def test_a_server_that_refuses_the_draft_gets_it_again_in_the_next_run(eager: Office) -> None:
    eager.write("anna")

    def full(command: str, mailbox: str, uids: Sequence[int]) -> None:
        if command == "append":
            raise WriteError("the mailbox is full")

    eager.postbox.fault = full
    report = eager.run()
    assert (report.exit, report.pending, report.drafted) == (Exit.CANNOT_WRITE, 1, 1)
    eager.postbox.fault = lambda command, mailbox, uids: None
    assert eager.run(MINUTE).appended == 1


def test_a_bug_that_one_mail_finds_stops_no_other_and_ends_in_quarantine(
    eager: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = message_module.judge

    def judge(message: Message, account: AccountSettings, *, context: Context | None = None) -> Assessment:
        if message.subject == "evil":
            raise ZeroDivisionError("words of the mail")
        return real(message, account, context=context)

    monkeypatch.setattr(message_module, "judge", judge)
    evil = eager.write("evil")
    eager.write("anna")
    reports = [eager.run(n * MINUTE) for n in range(4)]
    assert [(r.drafted, r.deferred, r.quarantined) for r in reports] == [
        (1, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0),
    ]  # fmt: skip
    assert eager.message(evil).disposition == Disposition.QUARANTINED
    assert eager.store.mail.quarantined_content(eager.message(evil).id)
    told = [warning for report in reports for warning in report.warnings]
    assert "ZeroDivisionError" in told[0]
    assert not any("words of the mail" in warning for warning in told)


def test_a_mail_that_ends_the_program_is_counted_before_and_quarantined_unread(eager: Office) -> None:
    poison = eager.write("poison")

    def fatal(command: str, mailbox: str, uids: Sequence[int]) -> None:
        if command == "fetch" and poison in uids:
            raise Killed

    eager.postbox.fault = fatal
    for _ in range(3):
        with pytest.raises(Killed):
            eager.run()
    eager.write("anna")
    report = eager.run()
    assert (report.quarantined, report.drafted) == (1, 1)
    assert eager.message(poison).disposition == Disposition.QUARANTINED


@pytest.mark.parametrize("mailbox", ["INBOX", "Sent", "Drafts"])
def test_a_mail_whose_headers_the_server_cannot_give_stops_no_other(eager: Office, mailbox: str) -> None:
    eager.run()
    bad = eager.postbox.boxes[mailbox].put(letter("bad", "unreadable"))
    eager.write("anna")

    def hang_up(command: str, asked: str, uids: Sequence[int]) -> None:
        if command in ("envelopes", "fetch") and asked == mailbox and bad in uids:
            raise NetworkError("the server hung up")

    eager.postbox.fault = hang_up
    reports = [eager.run(n * MINUTE) for n in range(4)]
    assert [r.exit for r in reports] == [0, 0, 0, 0]
    assert sum(r.drafted for r in reports) == 1
    assert sum(r.quarantined for r in reports) == (mailbox == "INBOX")


def test_a_server_that_is_away_is_no_fault_of_the_messages(eager: Office) -> None:
    uid = eager.write("anna")

    def away(command: str, mailbox: str, uids: Sequence[int]) -> None:
        if command == "fetch":
            eager.postbox.fault = lambda command, mailbox, uids: nowhere()
            raise NetworkError("gone")

    def nowhere() -> None:
        raise NetworkError("no route")

    for n in range(5):
        eager.postbox.fault = away
        report = eager.run(n * MINUTE)
        assert report.exit == Exit.TRY_AGAIN
    assert eager.message(uid).attempts <= 1
    eager.postbox.fault = lambda command, mailbox, uids: None
    assert eager.run(9 * MINUTE).drafted == 1


def test_old_mail_of_which_the_server_first_told_nothing_is_still_left_alone(eager: Office) -> None:
    uid = eager.postbox.boxes["INBOX"].put(letter("old", "Where is it?"), at=NOW - timedelta(days=60))
    hangs = iter([True, True])

    def hang_up(command: str, mailbox: str, uids: Sequence[int]) -> None:
        if command == "envelopes" and mailbox == "INBOX" and next(hangs, False):
            raise NetworkError("the server hung up")

    eager.postbox.fault = hang_up
    eager.run()
    assert (eager.message(uid).disposition, eager.message(uid).ground) == (Disposition.LEFT_ALONE, "old")


def test_a_message_that_was_deleted_before_it_was_read_leaves_no_row(eager: Office) -> None:
    uid = eager.write("gone")

    def deletes(command: str, mailbox: str, uids: Sequence[int]) -> None:
        if command == "fetch":
            eager.postbox.boxes["INBOX"].mails.pop(uid, None)

    eager.postbox.fault = deletes
    report = eager.run()
    assert (report.seen, report.deferred) == (0, 0)
    assert eager.store.mail.records() == []


def test_a_drafts_mailbox_that_cannot_be_opened_holds_up_no_call(eager: Office) -> None:
    del eager.postbox.boxes["Drafts"]
    eager.write("anna", "I am furious. I will sue you, my solicitor will write to you tomorrow.")
    eager.write("ben")
    report = eager.run()
    assert (report.ticketed, report.drafted, report.pending, report.exit) == (1, 1, 1, Exit.CONFIG)
    eager.postbox.boxes["Drafts"] = Box()
    assert eager.run(MINUTE).appended == 1


def test_two_mails_that_nothing_tells_apart_get_a_draft_each(eager: Office) -> None:
    eager.settings = replace(
        eager.settings, policy=replace(eager.settings.policy, max_per_requester_per_day=5)
    )
    bare = letter("bare", "Which filter fits the model 300, please?")
    bare = b"\r\n".join(line for line in bare.split(b"\r\n") if not line.startswith((b"Message-ID", b"Date")))
    for _ in range(2):
        eager.postbox.boxes["INBOX"].put(bare)
    report = eager.run()
    assert (report.drafted, report.exit, eager.on_server) == (2, 0, 2)


def test_a_drafts_mailbox_that_is_another_one_after_a_kill_leaves_the_draft_uncertain(eager: Office) -> None:
    eager.write("anna")
    killed_after_append(eager)
    del eager.postbox.boxes["Drafts"]
    eager.postbox.boxes["Concepts"] = Box()
    eager.postbox.names = replace(eager.postbox.names, drafts="Concepts")
    eager.write("ben")
    report = eager.run(MINUTE)
    assert (report.exit, report.appended) == (0, 1)
    assert [d.status for d in eager.drafts()] == [DraftStatus.UNCERTAIN, DraftStatus.STORED]
