"""What time does: waiting before a draft is made, drafts that vanish, promises, time that is up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from triage.types import Disposition, DraftStatus
from unit.pipeline.office import OURS, Office, letter
from unit.pipeline.postbox import NOW, Box

MINUTE = timedelta(minutes=1)


def test_a_draft_waits_ten_minutes_for_a_person_to_answer_first(office: Office) -> None:
    office.write("anna")
    report = office.run(MINUTE)
    assert (report.drafted, report.pending, report.appended, office.on_server) == (1, 1, 0, 0)
    assert office.run(9 * MINUTE).appended == 0
    assert office.run(10 * MINUTE).appended == 1
    assert office.on_server == 1


def test_an_answer_within_the_wait_takes_the_draft_back(office: Office) -> None:
    uid = office.write("anna")
    office.run(MINUTE)
    office.postbox.boxes["INBOX"].mails[uid].flags = frozenset({"\\Answered", "\\Seen"})
    assert office.run(11 * MINUTE).appended == 0
    assert [d.status for d in office.drafts()] == [DraftStatus.ANSWERED]
    assert office.message(uid).ground == "answered"


def test_a_flag_on_another_mail_that_got_the_same_uid_takes_no_draft_back(office: Office) -> None:
    office.write("anna")
    office.run(MINUTE)
    inbox = office.postbox.boxes["INBOX"]
    inbox.mails.clear()  # Anna's mail was filed away, and the mailbox made anew
    inbox.uidvalidity, inbox.uidnext = 2, 1
    inbox.put(letter("other", "Thanks, all is solved."), flags=frozenset({"\\Answered"}))
    assert office.run(11 * MINUTE).appended == 1


def test_a_draft_that_vanished_counts_as_thrown_away_after_a_quarter_of_an_hour(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    uid = office.write("anna")
    office.run()
    lying = office.postbox.boxes["Drafts"].mails.popitem()
    office.run(5 * MINUTE)
    office.run(19 * MINUTE)
    assert office.drafts()[0].status is DraftStatus.STORED
    assert office.message(uid).disposition == Disposition.DRAFTED
    office.run(20 * MINUTE)
    assert office.drafts()[0].status is DraftStatus.DISCARDED
    assert (office.message(uid).disposition, office.message(uid).ground) == ("owed", "draft_discarded")
    assert [p.status for p in office.store.promises.listing(everything=True)] == ["moot"]
    # Should it have been sent after all, slowly, the record is put right.
    office.postbox.boxes["Sent"].put(lying[1].content, at=NOW + 18 * MINUTE)
    office.run(25 * MINUTE)
    assert office.drafts()[0].status is DraftStatus.SENT


def test_a_draft_on_its_way_from_drafts_to_sent_is_not_taken_for_thrown_away(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    uid = office.write("anna")
    office.run()
    _, lying = office.postbox.boxes["Drafts"].mails.popitem()
    office.run(5 * MINUTE)
    office.postbox.boxes["Sent"].put(lying.content, at=NOW + 6 * MINUTE)
    office.run(30 * MINUTE)
    assert office.drafts()[0].status is DraftStatus.SENT
    assert office.message(uid).disposition == Disposition.DRAFTED


def test_the_promise_of_a_sent_draft_runs_from_then_in_business_time_and_breaks(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    uid = office.write("anna")
    office.run()
    _, lying = office.postbox.boxes["Drafts"].mails.popitem()
    office.postbox.boxes["Sent"].put(lying.content, at=NOW + timedelta(hours=1))
    office.run(timedelta(hours=1))
    (promise,) = office.store.promises.listing()
    assert (promise.status, promise.due) == ("open", NOW + timedelta(days=1, hours=1))
    office.run(timedelta(days=1))
    assert office.store.promises.listing()[0].status == "open"
    office.run(timedelta(days=1, hours=1, minutes=1))
    assert office.store.promises.listing()[0].status == "broken"
    # A second mail of hers ranks higher for it, and a late answer keeps the promise.
    later = office.write("anna2", sender="anna@customer.example")
    office.run(timedelta(days=1, hours=2))
    assert (office.message(later).score or 0) > (office.message(uid).score or 0)
    answer = letter("re", "Number 7.", sender=OURS, to="anna@customer.example", answers="anna")
    office.postbox.boxes["Sent"].put(answer, at=NOW + timedelta(days=1, hours=3))
    office.run(timedelta(days=1, hours=4))
    assert office.store.promises.record(promise.id).status == "kept"


def test_when_time_is_up_the_next_run_goes_on(office: Office) -> None:
    for n in range(120):
        office.write(f"n{n}")
    clock = iter([100.0])
    report = office.run(seconds=lambda: next(clock, 5.0))
    assert (report.status, 0 < report.seen < 120, report.error) == ("partial", True, None)
    seen = report.seen
    assert office.run(MINUTE).seen == 120 - seen


def test_no_more_than_drafts_per_run_are_put_into_drafts(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta(), drafts_per_run=2)
    for name in ("a", "b", "c"):
        office.write(name)
    assert [office.run(n * MINUTE).appended for n in range(3)] == [2, 1, 0]
    assert office.on_server == 3


def test_who_writes_again_after_the_answer_is_not_covered_by_a_draft_of_before(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    first = office.write("anna")
    office.run()
    answer = letter("re", "It is number 7.", sender=OURS, to="anna@customer.example", answers="anna")
    office.postbox.boxes["Sent"].put(answer, at=NOW + 2 * MINUTE)
    again = letter("more", "And which one for the model 400?", sender="anna@customer.example", answers="re")
    second = office.postbox.boxes["INBOX"].put(again, at=NOW + 3 * MINUTE)
    office.run(5 * MINUTE)
    assert office.message(first).ground == "answered"
    assert office.message(second).conversation == office.message(first).conversation
    assert office.message(second).disposition in (Disposition.DRAFTED, Disposition.OWED)


def test_a_holding_reply_that_is_filed_elsewhere_does_not_become_an_answer(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    office.postbox.names = replace(office.postbox.names, answered_in=("Archive",))
    archive = office.postbox.boxes["Archive"] = Box()
    uid = office.write("anna")
    office.run()
    _, lying = office.postbox.boxes["Drafts"].mails.popitem()
    # Sent by a program that keeps none of our headers: known by its words.
    lines = lying.content.split(b"\r\n")
    lines = [line for line in lines if not line.startswith((b"X-Triage", b"Auto-Submitted", b"Message-ID"))]
    sent = b"\r\n".join([b"Message-ID: <own@ours.example>", *lines])
    office.postbox.boxes["Sent"].put(sent, at=NOW + MINUTE)
    office.run(2 * MINUTE)
    assert office.drafts()[0].status is DraftStatus.SENT
    archive.put(sent, at=NOW + MINUTE)
    office.postbox.boxes["Sent"].mails.clear()
    office.run(4 * MINUTE)
    assert office.message(uid).answered is None
    assert [p.status for p in office.store.promises.listing()] == ["open"]


def test_a_wish_that_comes_while_the_draft_waits_is_obeyed_and_the_mail_is_owed(office: Office) -> None:
    uid = office.write("anna")
    office.run(MINUTE)
    office.write(
        "more", "My husband reads my mail and must not know of this.", sender="anna@customer.example"
    )
    office.run(2 * MINUTE)
    assert office.run(12 * MINUTE).appended == 0
    assert (office.drafts()[0].status, office.on_server) == (DraftStatus.WITHDRAWN, 0)
    assert (office.message(uid).disposition, office.message(uid).ground) == ("owed", "unsafe")
