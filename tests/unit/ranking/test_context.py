"""What the records know moves the score the way a support lead would."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.ranking.assess import assess
from triage.ranking.features import features
from triage.types import Assessment, Context, Cue, Hit, Message, MessageRef


def mail(text: str, subject: str = "") -> Message:
    return Message(
        ref=MessageRef(account="support", mailbox="INBOX", uid=1),
        subject=subject,
        text=text,
        new_text=text,
        received=datetime(2026, 11, 25, 12, tzinfo=UTC),
    )


PLAIN = mail("The shelf that you sent is too short for the frame.", subject="Shelf")
HELD = Context(only_holding_reply=True)


def judged(context: Context, message: Message = PLAIN) -> Assessment:
    return assess(message, context=context)


def score(context: Context) -> float:
    return judged(context).score


def test_waiting_unanswered_raises_and_more_of_it_raises_more() -> None:
    second = Context(contacts=1, unanswered=1, days_waiting=2)
    fourth = Context(contacts=3, unanswered=3, days_waiting=6)
    assert score(Context()) < score(second) < score(fourth)


def test_having_written_before_counts_less_once_it_was_answered() -> None:
    unanswered = Context(contacts=1, unanswered=1, days_waiting=2)
    assert score(Context()) < score(Context(contacts=1)) < score(unanswered)


def test_an_answer_to_our_holding_reply_scores_as_a_first_contact() -> None:
    assert score(HELD) == score(Context())


def test_a_holding_reply_does_not_end_the_wait() -> None:
    assert score(Context(only_holding_reply=True, days_waiting=4)) > score(HELD)


def test_a_promise_that_we_broke_raises() -> None:
    assert score(Context()) < score(Context(promises_broken=1)) < score(Context(promises_broken=2))


def test_a_mail_after_our_answer_or_after_our_call_raises() -> None:
    assert score(Context(answered_before=True)) > score(Context())
    assert score(Context(resolved_ticket=True)) > score(Context())


def test_a_dispute_counts_more_once_a_person_has_answered() -> None:
    hits = [Hit(cue=Cue.DISPUTES_ANSWER, evidence="That is not what I asked.")]

    def disputed(context: Context) -> list[str]:
        found = features((), hits=hits, context=context)
        return [f.evidence for f in found if f.name == "context_disputed"]

    assert disputed(Context(answered_before=True)) == ["That is not what I asked."]
    assert disputed(Context()) == disputed(HELD) == []
    assert "context_disputed" not in {f.name for f in features((), context=Context(answered_before=True))}


def test_a_vip_ranks_before_others_and_a_colleague_after_them() -> None:
    assert score(Context(internal=True)) < score(Context()) < score(Context(vip=True))


def test_context_alone_never_makes_a_call_of_a_plain_question_that_waits_two_days() -> None:
    context = Context(contacts=1, unanswered=1, days_waiting=2, vip=True)
    question = mail("Could you tell me which filter fits the model 300?")
    assert judged(context, question).verdict == "reply"


def test_every_reason_from_the_records_is_in_words() -> None:
    context = Context(contacts=2, unanswered=1, days_waiting=3, resolved_ticket=True, internal=True)
    told = {r.cue: r.evidence for r in judged(context).reasons if r.cue.startswith("context_")}
    assert told["context_waiting"] == "the oldest unanswered mail waits for 3 days"
    assert all(told.values())
