"""What every store promises, whatever lies below it: SQLite or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servers.postgres import PostgresServer
from triage.calls import ticket as life
from triage.errors import (
    BusyError,
    InputError,
    LostLeaseError,
    NetworkError,
    NotFoundError,
    SchemaError,
    StateError,
    WriteError,
)
from triage.store import Store
from triage.store.schema import VERSION
from triage.types import (
    Address,
    Assessment,
    Decision,
    Disposition,
    DraftMail,
    DraftStatus,
    Envelope,
    Message,
    MessageRef,
    Sighting,
    Ticket,
    TicketStatus,
    Verdict,
)

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANNA = Address(address="anna@example.org", name="Anna Example")
BEN = Address(address="ben@example.net", name="Ben")


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store is: each promise is kept by both."""
    if request.param == "sqlite":
        return tmp_path / "triage.sqlite3"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_store()


@pytest.fixture
def store(where: Path | str) -> Iterator[Store]:
    with Store.open(where) as opened:
        yield opened


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "triage.sqlite3") as opened:
        yield opened


def discover(store: Store, *uids: int, uidvalidity: int = 7, at: datetime = NOW) -> list[int]:
    store.mail.discover(
        "support",
        "INBOX",
        uidvalidity=uidvalidity,
        envelopes=[Envelope(uid=uid, size=100 * uid, internal_date=at) for uid in uids],
        start_line=NOW - timedelta(days=7),
        now=NOW,
    )
    return [row.id for row in store.mail.open_rows("support", "INBOX") if row.ref.uid in uids]


def mail(uid: int = 1, *, requester: Address = ANNA, **changes: object) -> Message:
    fields: dict[str, object] = {
        "ref": MessageRef(account="support", mailbox="INBOX", uidvalidity=7, uid=uid),
        "message_id": f"<{uid}@example.org>",
        "subject": "Where is it?",
        "sender": requester,
        "requester": requester,
        "received": NOW,
        "new_text": "Where is my parcel?",
        "fingerprint": f"f{uid}",
    }
    return Message(**{**fields, **changes})  # type: ignore[arg-type] # keywords by name, for brevity


ASSESSED = Assessment(score=42.0, verdict=Verdict.REPLY, base=20.0, language="en")


def decide(
    store: Store,
    id: int,
    message: Message,
    disposition: Disposition = Disposition.OWED,
    *,
    conversation: int | None = None,
    ticket: int | None = None,
    draft: int | None = None,
) -> None:
    store.mail.decide(
        id,
        message,
        ASSESSED,
        Decision(disposition=disposition, ground="test"),
        new_text=message.new_text,
        conversation=conversation,
        ticket=ticket,
        draft=draft,
        answered=None,
        now=NOW,
    )


def open_ticket(store: Store, requester: Address = ANNA, score: float = 70, tier: int = 1) -> Ticket:
    received = NOW - HOUR
    return store.desk.open(
        Ticket(
            id=0,
            account="support",
            requester=requester,
            score=score,
            tier=tier,
            priority=life.rank_key(score, received),
            received=received,
            messages=1,
        ),
        who="triage",
        why="test",
        at=NOW,
        last_mail=received,
    )


def plan_draft(store: Store, message_row: int, message: Message, conversation: int, marker: str) -> int:
    return store.drafts.plan(
        DraftMail(content=b"x", message_id=f"<{marker}@ours>", marker=marker, subject="Re: x", text="Hello."),
        account="support",
        message=message_row,
        conversation=conversation,
        generation=0,
        kind="question",
        language="en",
        requester=ANNA,
        in_reply_to=message.message_id,
        not_before=NOW,
        promise="1 business day",
        now=NOW,
    )


# --------------------------------------------------------------------------- the file


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        Store.open(tmp_path / "s.sqlite3").close()
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "s.sqlite3").stat().st_mode) == 0o600


def test_commits_are_durable_and_the_journal_is_a_wal(in_a_file: Store) -> None:
    store = in_a_file
    assert store.database.number("PRAGMA synchronous") == 2  # FULL
    mode = store.database.one("PRAGMA journal_mode")
    assert mode is not None
    assert mode[0] == "wal"


def test_a_store_of_a_newer_triage_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    Store.open(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.commit()
    raw.close()
    with pytest.raises(SchemaError, match="knows up to"):
        Store.open(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0] == VERSION + 1


def test_a_migration_that_fails_halfway_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triage.store import database

    monkeypatch.setattr(
        database, "MIGRATIONS", ("CREATE TABLE meta (key TEXT, value TEXT); CREATE TABLE oops (;\n;",)
    )
    with pytest.raises(Exception, match="refused"):
        Store.open(tmp_path / "s.sqlite3")
    raw = sqlite3.connect(tmp_path / "s.sqlite3")
    assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    monkeypatch.undo()
    Store.open(tmp_path / "s.sqlite3").close()  # and the next try works


def test_a_damaged_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite3").write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(WriteError, match="damaged"):
        Store.open(tmp_path / "s.sqlite3")


def test_a_dry_copy_changes_neither_the_file_nor_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with Store.open(path) as store:
        discover(store, 1, 2)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with Store.dry(path) as copy:
        assert len(copy.mail.open_rows("support", "INBOX")) == 2
        decide(copy, 1, mail())
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_dry_copy_sees_what_others_have_just_committed(store: Store, where: Path | str) -> None:
    discover(store, 1)  # the store is still open: the commit lies in its journal
    with Store.dry(where) as copy:
        assert len(copy.mail.open_rows("support", "INBOX")) == 1


def test_without_a_store_a_dry_copy_creates_none(tmp_path: Path) -> None:
    with Store.dry(tmp_path / "none" / "s.sqlite3") as copy:
        assert copy.mail.records() == []
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_whole_and_private_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    discover(store, 1)
    store.database.backup(tmp_path / "copy.sqlite3")
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600
    with Store.open(tmp_path / "copy.sqlite3") as copy:
        assert len(copy.mail.open_rows("support", "INBOX")) == 1
    with pytest.raises(InputError, match="exists already"):
        store.database.backup(tmp_path / "copy.sqlite3")


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def half_of_it() -> None:
        with store.transaction():
            open_ticket(store)
            with store.transaction():
                open_ticket(store, BEN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_of_it()
    assert store.desk.queue() == []


def test_a_busy_store_says_so(store: Store, where: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.store.sqlite.BUSY_MS", 50)
    monkeypatch.setattr("triage.store.postgres.BUSY", "50ms")
    with (
        Store.open(where) as other,
        store.transaction(),
        pytest.raises(BusyError, match="busy"),
        other.transaction(),
    ):
        pass


# --------------------------------------------------------------------------- mail


def test_discovery_commits_rows_before_work_and_advances_the_cursor(store: Store) -> None:
    discover(store, 3, 9)
    record = store.mail.mailbox("support", "INBOX")
    assert record is not None
    assert (record.cursor, record.uidvalidity) == (9, 7)
    assert [row.ref.uid for row in store.mail.open_rows("support", "INBOX")] == [3, 9]


def test_discovering_the_same_twice_changes_nothing(store: Store) -> None:
    first = discover(store, 3)
    decide(store, first[0], mail(3))
    assert discover(store, 3) == []
    assert store.mail.dispositions("support", "INBOX", 7) == {3: "owed"}


def test_mail_below_the_start_line_is_left_alone_as_old(store: Store) -> None:
    discover(store, 1, at=NOW - timedelta(days=8))
    (record,) = store.mail.records()
    assert (record.disposition, record.ground) == ("left_alone", "old")


def test_uidvalidity_is_a_64_bit_number(store: Store) -> None:
    discover(store, 1, uidvalidity=2**40)
    assert store.mail.open_rows("support", "INBOX")[0].ref.uidvalidity == 2**40


def test_a_message_has_one_disposition_and_keeps_it(store: Store) -> None:
    (id,) = discover(store, 1)
    decide(store, id, mail(), Disposition.OWED)
    decide(store, id, mail(), Disposition.LEFT_ALONE)
    record = store.mail.record(id)
    assert record is not None
    assert record.disposition == "owed"


def test_the_most_tried_come_last_and_attempts_can_be_given_back(store: Store) -> None:
    ids = discover(store, 1, 2)
    store.mail.count_attempts([ids[0]])
    assert [row.ref.uid for row in store.mail.open_rows("support", "INBOX")] == [2, 1]
    store.mail.give_back_attempts(ids)
    assert [row.attempts for row in store.mail.open_rows("support", "INBOX")] == [0, 0]


def test_a_known_message_is_followed_to_its_new_uid(store: Store) -> None:
    (id,) = discover(store, 1)
    decide(store, id, mail())
    discover(store, 5, uidvalidity=8)
    row = store.mail.open_rows("support", "INBOX")[0]
    moved = mail(5, fingerprint="f1", ref=row.ref)
    known = store.mail.same_message(moved)
    assert known is not None
    store.mail.follow(known.id, row)
    assert store.mail.dispositions("support", "INBOX", 8) == {5: "owed"}
    assert store.mail.open_rows("support", "INBOX") == []


def test_quarantine_keeps_the_mail_for_a_person_and_lets_it_be_tried_again(store: Store) -> None:
    (id,) = discover(store, 1)
    store.mail.quarantine(id, reason="broken", content=b"raw", received=None, now=NOW)
    ((record, reason, _),) = store.mail.quarantined()
    assert (record.id, reason, store.mail.quarantined_content(id)) == (id, "broken", b"raw")
    assert store.mail.retry_quarantined(id)
    assert not store.mail.retry_quarantined(id)
    assert [row.id for row in store.mail.open_rows("support", "INBOX")] == [id]


def test_the_words_of_closed_cases_go_after_the_retention_and_owed_mail_keeps_them(store: Store) -> None:
    ids = discover(store, 1, 2)
    decide(store, ids[0], mail(1), Disposition.LEFT_ALONE)
    decide(store, ids[1], mail(2), Disposition.OWED)
    assert store.mail.expire(before=NOW) == 0
    assert store.mail.expire(before=NOW + HOUR) == 1
    texts = {r.id: (r.new_text, r.subject, r.message_id) for r in store.mail.records()}
    assert texts == {
        ids[0]: ("", "", "<1@example.org>"),
        ids[1]: ("Where is my parcel?", "Where is it?", "<2@example.org>"),
    }
    assert store.mail.same_message(mail(9, fingerprint="f1")) is not None, "it is still recognised"


# --------------------------------------------------------------------------- conversations


def test_an_answer_joins_the_conversation_of_its_reference(store: Store) -> None:
    first = store.conversations.join("support", mail(1), ())
    assert store.conversations.join("support", mail(2), ("<1@example.org>",)) == first


def test_a_forged_reference_does_not_join_another_customers_conversation(store: Store) -> None:
    annas = store.conversations.join("support", mail(1), ())
    bens = store.conversations.join("support", mail(2, requester=BEN), ("<1@example.org>",))
    assert bens != annas
    assert store.conversations.find("support", ANNA.address, ("<2@example.org>",)) is None


def sight(
    store: Store, target: str, recipient: str, *, role: str = "answer", at: datetime = NOW + HOUR
) -> list[int]:
    sighting = Sighting(
        ref=MessageRef(account="support", mailbox="Sent", uidvalidity=1, uid=int(at.timestamp()) % 10**6),
        message_id=f"<{target}-{role}@ours>",
        in_reply_to=(target,),
        sender="help@ours.example",
        recipients=(recipient,),
        date=at,
    )
    return store.conversations.sight([(sighting, role)], NOW)


def test_an_answer_in_sent_marks_the_mail_as_answered(store: Store) -> None:
    (id,) = discover(store, 1)
    conversation = store.conversations.join("support", mail(), ())
    decide(store, id, mail(), conversation=conversation)
    assert sight(store, "<1@example.org>", ANNA.address) == [id]
    assert [r.id for r in store.mail.answered_meanwhile("support")] == [id]


def test_a_mail_of_ours_to_somebody_else_answers_nobody(store: Store) -> None:
    (id,) = discover(store, 1)
    decide(store, id, mail(), conversation=store.conversations.join("support", mail(), ()))
    assert sight(store, "<1@example.org>", BEN.address) == []
    assert sight(store, "<1@example.org>", ANNA.address, role="holding_reply") == []


def test_an_answer_seen_before_its_mail_was_read_counts_when_routing(store: Store) -> None:
    sight(store, "<1@example.org>", ANNA.address)
    found = store.conversations.answered(
        "support", message_id="<1@example.org>", conversation=None, requester=ANNA.address, received=NOW
    )
    assert found == NOW + HOUR


def test_an_earlier_answer_in_the_conversation_does_not_answer_a_later_mail(store: Store) -> None:
    conversation = store.conversations.join("support", mail(1), ())
    sight(store, "<1@example.org>", ANNA.address, at=NOW + HOUR)
    store.conversations.join("support", mail(2), ("<1@example.org>",))
    late = NOW + 2 * HOUR
    answered = store.conversations.answered(
        "support",
        message_id="<2@example.org>",
        conversation=conversation,
        requester=ANNA.address,
        received=late,
    )
    assert answered is None


# --------------------------------------------------------------------------- the desk


def test_the_queue_puts_life_first_then_score_and_age(store: Store) -> None:
    calm = open_ticket(store, Address(address="a@x.example"), score=61)
    danger = open_ticket(store, Address(address="b@x.example"), score=60, tier=0)
    angry = open_ticket(store, Address(address="c@x.example"), score=95)
    assert [t.id for t in store.desk.queue()] == [danger.id, angry.id, calm.id]


def test_next_gives_each_ticket_to_exactly_one_agent(store: Store, where: Path | str) -> None:
    for n in range(20):
        open_ticket(store, Address(address=f"{n}@x.example"), score=60 + n)
    taken: list[int] = []

    def work(agent: str) -> None:
        with Store.open(where) as own:
            while (got := own.desk.next(agent=f"{agent}-{len(taken)}", now=NOW, lease=HOUR)) is not None:
                taken.append(got.id)

    threads = [threading.Thread(target=work, args=(f"agent{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted({t.id for t in store.desk.queue()})
    assert len(taken) == 20


def test_next_gives_an_agent_the_ticket_that_they_hold(store: Store) -> None:
    open_ticket(store)
    open_ticket(store, BEN)
    first = store.desk.next(agent="cleo", now=NOW, lease=HOUR)
    again = store.desk.next(agent="cleo", now=NOW + HOUR / 2, lease=HOUR)
    assert first is not None
    assert again is not None
    assert (again.id, again.claim) == (first.id, first.claim)
    assert again.lease_expires == NOW + HOUR * 1.5


def test_peek_claims_nothing(store: Store) -> None:
    open_ticket(store)
    peeked = store.desk.next(agent="cleo", now=NOW, lease=HOUR, peek=True)
    assert peeked is not None
    assert store.desk.ticket(peeked.id).status is TicketStatus.WAITING


def test_an_expired_lease_returns_to_the_queue(store: Store) -> None:
    ticket = open_ticket(store)
    store.desk.claim(ticket.id, agent="cleo", now=NOW, lease=HOUR)
    assert store.desk.next(agent="dan", now=NOW + HOUR / 2, lease=HOUR) is None
    taken = store.desk.next(agent="dan", now=NOW + HOUR, lease=HOUR)
    assert taken is not None
    assert taken.claimed_by == "dan"


def test_claiming_a_ticket_holds_all_of_that_requester(store: Store) -> None:
    first = open_ticket(store)
    store.database.run("UPDATE ticket SET split = 1 WHERE id = ?", (first.id,))
    second = open_ticket(store)
    store.desk.claim(first.id, agent="cleo", now=NOW, lease=HOUR)
    with pytest.raises(StateError, match="cleo holds"):
        store.desk.claim(second.id, agent="dan", now=NOW, lease=HOUR)
    assert store.desk.next(agent="dan", now=NOW, lease=HOUR) is None


def test_a_late_finisher_changes_nothing_but_the_note_is_kept(store: Store) -> None:
    ticket = open_ticket(store)
    store.desk.claim(ticket.id, agent="cleo", now=NOW, lease=HOUR)
    store.desk.claim(ticket.id, agent="dan", now=NOW + 2 * HOUR, lease=HOUR)
    with pytest.raises(LostLeaseError):
        store.desk.step(
            ticket.id,
            lambda t: life.done(t, agent="cleo", outcome=life.Outcome.RESOLVED, now=NOW + 2 * HOUR),
            "done",
            who="cleo",
            at=NOW + 2 * HOUR,
            note="she is fine now",
        )
    assert store.desk.ticket(ticket.id).claimed_by == "dan"
    last = store.journal.of("ticket", ticket.id)[-1]
    assert (last.what, last.who, last.why) == ("note", "cleo", "she is fine now")


def test_one_requester_has_one_open_case(store: Store) -> None:
    open_ticket(store)
    case = store.desk.case_of("support", ANNA.address, now=NOW)
    assert case is not None
    assert life.is_open(case)
    with pytest.raises(Exception, match="refused"):
        open_ticket(store)


def test_a_case_that_was_resolved_lately_is_found_again(store: Store) -> None:
    ticket = open_ticket(store)
    store.desk.claim(ticket.id, agent="cleo", now=NOW, lease=HOUR)
    store.desk.step(
        ticket.id,
        lambda t: life.done(t, agent="cleo", outcome=life.Outcome.RESOLVED, now=NOW),
        "done",
        who="cleo",
        at=NOW,
    )
    soon = store.desk.case_of("support", ANNA.address, now=NOW + timedelta(days=6))
    assert soon is not None
    assert soon.id == ticket.id
    assert store.desk.case_of("support", ANNA.address, now=NOW + timedelta(days=8)) is None


def test_a_split_parts_some_mails_and_leaves_some(store: Store) -> None:
    ids = discover(store, 1, 2)
    ticket = open_ticket(store)
    for id, uid in zip(ids, (1, 2), strict=True):
        decide(store, id, mail(uid), Disposition.TICKETED, ticket=ticket.id)
    store.database.run("UPDATE ticket SET messages = 2 WHERE id = ?", (ticket.id,))
    new = store.desk.split(ticket.id, [ids[1]], who="cleo", at=NOW)
    assert [m.id for m in store.mail.of_ticket(new.id)] == [ids[1]]
    assert [m.id for m in store.mail.of_ticket(ticket.id)] == [ids[0]]
    with pytest.raises(StateError, match="some must stay"):
        store.desk.split(ticket.id, [ids[0]], who="cleo", at=NOW)


def test_two_tickets_that_are_one_case_become_the_older_one(store: Store) -> None:
    ids = discover(store, 1, 2)
    first = open_ticket(store)
    for id, uid in zip(ids, (1, 2), strict=True):
        decide(store, id, mail(uid), Disposition.TICKETED, ticket=first.id)
    store.database.run("UPDATE ticket SET messages = 2 WHERE id = ?", (first.id,))
    parted = store.desk.split(first.id, [ids[1]], who="cleo", at=NOW)
    store.desk.claim(parted.id, agent="ben", now=NOW, lease=timedelta(hours=1))
    with pytest.raises(StateError, match="held by ben"):
        store.desk.merge(first.id, parted.id, who="cleo", at=NOW)
    kept = store.desk.merge(parted.id, first.id, who="ben", at=NOW)
    assert (kept.id, kept.messages, kept.status) == (first.id, 2, "waiting")
    gone = store.desk.ticket(parted.id)
    assert (gone.status, gone.merged_into, gone.claimed_by) == ("cancelled", first.id, "")
    assert [m.id for m in store.mail.of_ticket(kept.id)] == ids
    with pytest.raises(StateError, match="cancelled"):
        store.desk.merge(kept.id, gone.id, who="ben", at=NOW)
    with pytest.raises(StateError, match="cannot be one case"):
        store.desk.merge(kept.id, kept.id, who="ben", at=NOW)


def test_what_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="t99"):
        store.desk.ticket(99)
    with pytest.raises(NotFoundError, match="d99"):
        store.drafts.record(99)
    with pytest.raises(NotFoundError, match="p99"):
        store.promises.record(99)


# --------------------------------------------------------------------------- drafts and promises


def test_one_unsent_draft_a_conversation(store: Store) -> None:
    ids = discover(store, 1, 2)
    conversation = store.conversations.join("support", mail(1), ())
    draft = plan_draft(store, ids[0], mail(1), conversation, "aa")
    with pytest.raises(Exception, match="refused"):
        plan_draft(store, ids[1], mail(2), conversation, "bb")
    store.drafts.set_status(draft, DraftStatus.SENT, at=NOW, why="found in Sent")
    plan_draft(store, ids[1], mail(2), conversation, "bb")


def test_the_bytes_of_a_draft_go_once_it_is_stored(store: Store) -> None:
    (id,) = discover(store, 1)
    draft = plan_draft(store, id, mail(), store.conversations.join("support", mail(), ()), "aa")
    assert [d.id for d in store.drafts.due("support", NOW)] == [draft]
    store.drafts.begin(draft, mailbox="Drafts", uidvalidity=3, uidnext=12, at=NOW)
    assert store.drafts.due("support", NOW) == []
    store.drafts.stored(draft, uid=12, at=NOW)
    record = store.drafts.record(draft)
    assert (record.content, record.uid, record.status) == (None, 12, DraftStatus.STORED)


def test_a_promise_has_no_time_until_its_draft_was_sent_and_is_kept_by_an_answer(store: Store) -> None:
    (id,) = discover(store, 1)
    conversation = store.conversations.join("support", mail(), ())
    draft = plan_draft(store, id, mail(), conversation, "aa")
    decide(store, id, mail(), Disposition.DRAFTED, conversation=conversation, draft=draft)
    promise = store.promises.make(
        account="support",
        requester=ANNA,
        text="we answer within 1 business day",
        status="unsent",
        draft=draft,
        conversation=conversation,
        at=NOW,
    )
    assert store.promises.record(promise).due is None
    store.promises.sent(draft, made=NOW, due=NOW + 24 * HOUR, at=NOW)
    assert store.promises.settle(now=NOW + 25 * HOUR)[0].id == promise
    assert store.promises.broken("support", ANNA.address) == 1
    sight(store, "<1@example.org>", ANNA.address, at=NOW + 26 * HOUR)
    store.promises.settle(now=NOW + 27 * HOUR)
    assert store.promises.record(promise).status == "kept"


# --------------------------------------------------------------------------- the journal


def test_a_fault_is_remembered_from_its_beginning_until_a_good_pass(store: Store) -> None:
    first = store.journal.fault("support", code="network", message="down", now=NOW)
    later = store.journal.fault("support", code="network", message="still down", now=NOW + HOUR)
    assert first == later == NOW
    store.journal.clear_fault("support")
    assert (
        store.journal.fault("support", code="network", message="down", now=NOW + 2 * HOUR) == NOW + 2 * HOUR
    )


# --------------------------------------------------------------------------- feedback


def test_feedback_counts_by_the_latest_word_and_an_agents_before_an_outcomes(store: Store) -> None:
    one, two = discover(store, 1, 2)
    decide(store, one, mail(1))
    decide(store, two, mail(2))

    def counts() -> list[tuple[int, str, str]]:
        return [(said.message, said.said, said.source) for said in store.feedback.all()]

    store.feedback.record([one, two], Verdict.CALL, who="ada", at=NOW, source="outcome")
    assert counts() == [(one, "call", "outcome"), (two, "call", "outcome")]
    store.feedback.record([one], Verdict.REPLY, who="bob", at=NOW, note="a mail was enough")
    store.feedback.record([one], Verdict.CALL, who="ada", at=NOW + HOUR, source="outcome")
    assert counts() == [(one, "reply", "agent"), (two, "call", "outcome")]
    store.feedback.record([one], Verdict.NONE, who="eve", at=NOW + HOUR)
    said = store.feedback.of(one)
    assert said is not None
    assert (said.said, said.who, said.text, said.score) == ("none", "eve", "Where is my parcel?", 42.0)
    events = [e for e in store.journal.of("message", one) if e.what == "feedback"]
    assert [e.who for e in events] == ["ada", "bob", "ada", "eve"]
    assert events[1].why == "a mail was enough"


def test_feedback_is_told_by_account_and_nobody_s_word_is_none(store: Store) -> None:
    (one,) = discover(store, 1)
    decide(store, one, mail(1))
    assert store.feedback.of(one) is None
    store.feedback.record([one], Verdict.CALL, who="ada", at=NOW)
    assert [len(store.feedback.all(name)) for name in ("support", "sales", "")] == [1, 0, 1]


def test_a_store_of_the_first_version_is_brought_up_to_date_with_its_feedback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triage.store import database
    from triage.store.schema import MIGRATIONS

    path = tmp_path / "s.sqlite3"
    with monkeypatch.context() as old:
        old.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
        old.setattr(database, "VERSION", 1)
        with Store.open(path) as store:
            (one,) = discover(store, 1)
            store.database.run("UPDATE message SET disposition = 'ticketed' WHERE id = ?", (one,))
            store.database.run(
                "INSERT INTO draft (account, message, conversation, generation, kind, language, status,"
                " requester_name, requester_address, subject, text, marker, message_id, in_reply_to, created,"
                " not_before) VALUES ('support', ?, 1, 0, 'delay', 'en', 'stored', 'Anna', 'anna@example.org',"
                " 'Re: late', 'Hello', 'mark', '<d@x>', '<m@x>', 1, 1)",
                (one,),
            )
            store.database.run(
                "INSERT INTO feedback (message, verdict, who, at) VALUES (?, 'call', 'ada', 1)", (one,)
            )
    with Store.open(path) as store:
        said = store.feedback.of(one)
        assert said is not None
        assert (said.said, said.source, said.note) == ("call", "agent", "")
        (draft,) = store.drafts.listing()
        assert (draft.id, draft.message, draft.ticket, draft.status) == (1, one, None, DraftStatus.STORED)
        assert store.database.version() == VERSION


# --------------------------------------------------------------------------- PostgreSQL


def filled(store: Store) -> None:
    (one, two) = discover(store, 1, 2)
    decide(store, one, mail(1))
    store.mail.quarantine(two, reason="broken", content=b"\x00\xff raw", received=NOW, now=NOW)
    ticket = open_ticket(store)
    store.desk.claim(ticket.id, agent="cleo", now=NOW, lease=HOUR)


@pytest.mark.parametrize("way", ["to a file", "to a server"])
def test_a_store_is_copied_whole_and_goes_on_where_it_was(
    way: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    from triage.store.database import copy_records

    places: list[Path | str] = [tmp_path / "a.sqlite3", postgres_server.new_store()]
    source, target = places if way == "to a server" else reversed(places)
    with Store.open(source) as old, Store.open(target) as new:
        filled(old)
        copied = copy_records(old.database, new.database)
        assert copied["message"] == 2
        assert (new.key, new.desk.queue()) == (old.key, old.desk.queue())
        assert [m.id for m in new.mail.records()] == [m.id for m in old.mail.records()]
        assert new.journal.of("ticket", 1) == old.journal.of("ticket", 1)
        assert open_ticket(new, BEN).id == open_ticket(old, BEN).id, "ids go on"
        with pytest.raises(InputError, match="holds records already"):
            copy_records(old.database, new.database)


def test_an_account_is_run_by_one_at_a_time(store: Store, where: Path | str) -> None:
    with Store.open(where) as other:
        with store.database.account_lock("support"):
            with pytest.raises(BusyError, match="another run"), other.database.account_lock("support"):
                pass
            with other.database.account_lock("sales"):
                pass
        with other.database.account_lock("support"):
            pass


def test_a_backup_of_a_server_is_a_file_that_can_be_opened(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with Store.open(postgres_server.new_store()) as store:
        filled(store)
        store.database.backup(tmp_path / "copy.sqlite3")
        with Store.open(tmp_path / "copy.sqlite3") as copy:
            assert copy.desk.queue() == store.desk.queue()
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600


def test_a_server_that_is_not_there_is_a_clear_error_without_the_password() -> None:
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        Store.open("postgresql://triage:hunter2@127.0.0.1:1/triage")
    assert "hunter2" not in str(caught.value)
