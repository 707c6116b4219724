"""Several mails of one requester: what the records of the earlier ones make of the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from triage.calls import ticket as life
from triage.calls.ticket import Outcome
from triage.pipeline.ports import AccountSettings
from triage.store.mail import MessageRecord
from triage.types import Disposition, Identity, TicketStatus
from unit.pipeline.office import OURS, Office
from unit.pipeline.postbox import NOW, Lying

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = "The shelf that you sent is too short for the frame."
DISPUTE = "I do not accept your answer. The frame is not the right one."
GRIEVED = "I want to speak to a manager about this. Please call me today on +44 20 7946 0018."


@dataclass(slots=True, kw_only=True)
class Story:
    """Mails at their times, each handled by a pass of its own."""

    office: Office
    told: int = 0
    last: str = field(default="")

    def writes(
        self,
        text: str = WORDS,
        *,
        at: timedelta = timedelta(),
        sender: str = "anna@customer.example",
        answers: str = "",
        subject: str = "Shelf",
    ) -> MessageRecord:
        self.told += 1
        self.last = f"<m{self.told}@customer.example>"
        content = _mail(
            sender, OURS, subject=subject, text=text, at=at, message_id=self.last, answers=answers
        )
        uid = self.office.postbox.boxes["INBOX"].put(content, at=NOW + at)
        self.office.run(at)
        return self.office.message(uid)

    def we_answer(self, text: str = "It fits the frame 200.", *, at: timedelta, answers: str) -> str:
        """A person's answer in Sent; its Message-ID."""
        self.told += 1
        name = f"<a{self.told}@ours.example>"
        content = _mail(
            OURS,
            "anna@customer.example",
            subject="Re: Shelf",
            text=text,
            at=at,
            message_id=name,
            answers=answers,
        )
        self.office.postbox.boxes["Sent"].put(content, at=NOW + at)
        self.office.run(at)
        return name

    def we_send_the_holding_reply(self, *, at: timedelta) -> str:
        """The draft that lies in Drafts goes out as it is; its Message-ID."""
        _, lying = self.office.postbox.boxes["Drafts"].mails.popitem()
        self.office.postbox.boxes["Sent"].put(lying.content, at=NOW + at)
        self.office.run(at)
        return _message_id(lying)

    def we_call(self, *, at: timedelta) -> None:
        """The open ticket is called and resolved."""
        desk, now = self.office.store.desk, NOW + at
        (ticket,) = desk.queue()
        held = life.claim(ticket, agent="alice", token="t", now=now, lease=HOUR)
        closed = life.done(held, agent="alice", outcome=Outcome.RESOLVED, now=now)
        with self.office.store.transaction():
            desk.save(closed, "done", who="alice", at=now)


def _mail(
    sender: str, to: str, *, subject: str, text: str, at: timedelta, message_id: str, answers: str
) -> bytes:
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: {message_id}",
        f"Date: {NOW + at:%a, %d %b %Y %H:%M:%S} +0000",
        *([f"In-Reply-To: {answers}"] if answers else []),
    ]
    return "\r\n".join([*lines, "", text, ""]).encode()


def _message_id(lying: Lying) -> str:
    (line,) = [x for x in lying.content.decode().splitlines() if x.lower().startswith("message-id:")]
    return line.partition(":")[2].strip()


@pytest.fixture
def story(office: Office) -> Story:
    office.settings = replace(office.settings, wait=timedelta())
    return Story(office=office)


def reasons(record: MessageRecord) -> set[str]:
    told = record.assessment["reasons"]
    assert isinstance(told, list)
    return {reason["cue"] for reason in told if reason["cue"].startswith("context_")}


def test_a_second_mail_after_two_days_of_silence_outranks_a_first_one(story: Story) -> None:
    first = story.writes()
    second = story.writes(at=2 * DAY)
    assert (second.score or 0) > (first.score or 0)
    assert {"context_contacts", "context_unanswered", "context_waiting"} <= reasons(second)
    assert reasons(first) == set()


def test_the_fourth_mail_outranks_the_second(story: Story) -> None:
    scores = [story.writes(at=n * DAY).score or 0 for n in range(4)]
    assert scores == sorted(scores)
    assert scores[3] > scores[1] > scores[0]


def test_an_answer_to_our_holding_reply_is_no_second_contact_and_no_dispute(story: Story) -> None:
    first = story.writes()
    held = story.we_send_the_holding_reply(at=HOUR)
    more = story.writes(at=2 * HOUR, answers=held)
    assert more.conversation == first.conversation
    assert reasons(more) <= {"context_waiting"}
    assert (more.score or 0) == pytest.approx(first.score or 0, abs=1)


def test_who_writes_a_third_time_after_our_holding_reply_has_written_before(story: Story) -> None:
    story.writes()
    held = story.we_send_the_holding_reply(at=HOUR)
    story.writes(at=2 * HOUR, answers=held)
    third = story.writes(at=3 * DAY, answers=held)
    assert {"context_contacts", "context_waiting"} <= reasons(third)


def test_days_of_silence_after_our_holding_reply_still_count(story: Story) -> None:
    first = story.writes()
    held = story.we_send_the_holding_reply(at=HOUR)
    late = story.writes(at=4 * DAY, answers=held)
    assert (late.score or 0) > (first.score or 0)


def test_our_broken_promise_raises_the_next_mail(story: Story) -> None:
    story.writes()
    held = story.we_send_the_holding_reply(at=HOUR)
    assert "context_promises_broken" not in reasons(story.writes(at=2 * HOUR, answers=held))
    assert "context_promises_broken" in reasons(story.writes(at=3 * DAY, answers=held))


def test_a_dispute_after_a_persons_answer_outranks_the_same_words_as_a_first_mail(story: Story) -> None:
    strange = story.writes(DISPUTE, sender="bert@other.example")
    story.writes(at=HOUR)
    answer = story.we_answer(at=2 * HOUR, answers=story.last)
    disputed = story.writes(DISPUTE, at=3 * HOUR, answers=answer)
    assert (disputed.score or 0) > (strange.score or 0)
    assert {"context_reopened", "context_disputed"} <= reasons(disputed)
    assert not {"context_unanswered", "context_waiting"} & reasons(disputed)


def test_an_answer_that_came_later_than_the_mail_is_no_answer_before_it(story: Story) -> None:
    story.writes()
    name = story.last
    story.office.postbox.boxes["INBOX"].put(
        _mail(
            "anna@customer.example",
            OURS,
            subject="Shelf",
            text=DISPUTE,
            at=HOUR,
            message_id="<early@customer.example>",
            answers=name,
        ),
        at=NOW + HOUR,
    )
    story.we_answer(at=2 * HOUR, answers=name)
    early = next(
        m for m in story.office.store.mail.records() if m.message_id.strip("<>") == "early@customer.example"
    )
    assert "context_reopened" not in reasons(early)


@pytest.mark.parametrize(
    ("set_up", "higher"),
    [
        pytest.param(lambda s: replace(s, vip=frozenset({"customer.example"})), True, id="vip"),
        pytest.param(
            lambda s: replace(
                s,
                identity=Identity(
                    addresses=frozenset({OURS}), internal_domains=frozenset({"customer.example"})
                ),
            ),
            False,
            id="colleague",
        ),
    ],
)
def test_a_vip_outranks_a_stranger_and_a_colleague_comes_after(
    story: Story, set_up: Callable[[AccountSettings], AccountSettings], higher: bool
) -> None:
    strange = story.writes(sender="bert@other.example")
    story.office.settings = set_up(story.office.settings)
    known = story.writes(at=HOUR)
    assert ((known.score or 0) > (strange.score or 0)) is higher
    assert known.score != strange.score


def test_what_a_call_resolved_waits_no_longer_but_who_writes_again_ranks_higher(story: Story) -> None:
    first = story.writes(GRIEVED)
    assert first.disposition == Disposition.TICKETED
    story.we_call(at=HOUR)
    again = story.writes(at=2 * DAY)
    assert "context_resolved_ticket" in reasons(again)
    assert not {"context_unanswered", "context_waiting"} & reasons(again)
    strange = story.writes(at=2 * DAY, sender="bert@other.example")
    assert (again.score or 0) > (strange.score or 0)


def test_a_grievance_after_the_call_reopens_the_case(story: Story) -> None:
    story.writes(GRIEVED)
    story.we_call(at=HOUR)
    again = story.writes(GRIEVED, at=2 * DAY, subject="Shelf, again")
    assert again.ground == "reopened"
    assert [t.status for t in story.office.store.desk.queue()] == [TicketStatus.WAITING]


def test_the_mails_of_other_customers_do_not_count(story: Story) -> None:
    alone = story.writes(sender="carl@alone.example")
    for n in range(3):
        story.writes(at=n * HOUR, sender="bert@customer.example")
    held = story.last
    anna = story.writes(at=3 * HOUR, answers=held)  # even if she names his mail
    assert reasons(anna) == set()
    assert anna.score == alone.score


@pytest.mark.parametrize(
    "thanks",
    [
        "That did it, it works again. Thanks very much!",
        "Perfect, thank you.",
        "Super, jetzt klappt es wieder. Vielen Dank!",
        "Merci beaucoup, ça marche !",
    ],
)
def test_thanks_for_our_answer_settle_the_matter(story: Story, thanks: str) -> None:
    story.writes()
    answer = story.we_answer(at=HOUR, answers=story.last)
    last = story.writes(thanks, at=2 * HOUR, answers=answer, subject="Re: Shelf")
    assert (last.disposition, last.ground) == (Disposition.LEFT_ALONE, "solved")
    assert last.verdict == "none"
