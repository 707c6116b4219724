"""Mails of many kinds and the assessments that go with them, for the tests of replies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from triage.promises import parse_duration
from triage.replies.compose import ReplySettings
from triage.types import (
    Address,
    Assessment,
    Context,
    Cue,
    Emotion,
    Flag,
    Hit,
    Message,
    MessageRef,
    Verdict,
)

RECEIVED = datetime(2026, 10, 2, 15, 38, tzinfo=UTC)
SETTINGS = ReplySettings(
    from_name="Brightmoor Support",
    from_address="help@brightmoor.example",
    signature="Bronwen Tuck\nBrightmoor Support",
    respond_within=parse_duration("1 business day"),
    emergency_text="If anybody is in danger, please call 112 now.",
)


def message(
    text: str = "Where is my order?",
    *,
    subject: str = "",
    name: str = "",
    address: str = "rhys@mailbox.example",
    signature: str = "",
    fingerprint: str = "f0",
    message_id: str = "<one@mailbox.example>",
    references: tuple[str, ...] = (),
) -> Message:
    return Message(
        ref=MessageRef(account="main", mailbox="INBOX", uidvalidity=1, uid=1),
        message_id=message_id,
        references=references,
        subject=subject,
        requester=Address(address=address, name=name),
        received=RECEIVED,
        text=text,
        new_text=text,
        signature=signature,
        fingerprint=fingerprint,
    )


def assessment(
    key: str = "",
    *,
    emotion: Emotion = Emotion.NEUTRAL,
    cues: tuple[Cue, ...] = (),
    flags: tuple[Flag, ...] = (),
    verdict: Verdict = Verdict.REPLY,
    phone: str | None = None,
    floor: bool = False,
    unjudged: str = "",
    language: str = "en",
) -> Assessment:
    return Assessment(
        score=30,
        verdict=verdict,
        base=0,
        emotion=emotion,
        hits=tuple(Hit(cue=cue, evidence="") for cue in cues),
        flags=frozenset(flags),
        key_sentence=key,
        phone=phone,
        floor=floor,
        unjudged=unjudged,
        language=language,
    )


CALL = Verdict.CALL
FIRST_CONTACT = Context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    kind: str
    subject: str
    text: str
    name: str = ""
    key: str = ""
    emotion: Emotion = Emotion.NEUTRAL
    cues: tuple[Cue, ...] = ()
    flags: tuple[Flag, ...] = ()
    verdict: Verdict = Verdict.REPLY
    phone: str | None = None
    internal: bool = False
    call: str = ""
    floor: bool = False
    context: Context = FIRST_CONTACT

    def mail(self, fingerprint: str = "f0") -> Message:
        return message(self.text, subject=self.subject, name=self.name, fingerprint=fingerprint)

    def judged(self) -> Assessment:
        return assessment(
            self.key,
            emotion=self.emotion,
            cues=self.cues,
            flags=self.flags,
            verdict=self.verdict,
            phone=self.phone,
            floor=self.floor,
        )


SAMPLES = (
    Sample(
        kind="question",
        subject="Change of address",
        name="Beth Arkwright",
        text="Hello,\n\nThe order I placed an hour ago is going to my old flat. Can the address still "
        "be moved to 9 Cransley Court?\n\nMany thanks,\nBeth",
        key="Can the address still be moved to 9 Cransley Court?",
    ),
    Sample(kind="question", subject="", text="hi do u ship to tasmania", name="nige"),
    Sample(
        kind="question",
        subject="Two things about the flat",
        text="Which bay is ours? And is there a spare letterbox key?\n\nCheers\nGen",
        name="Genevieve Wu",
    ),
    Sample(
        kind="question",
        subject="soundbar question",
        text="I cannot work out which cable goes where, does it need the optical one?",
        key="I cannot work out which cable goes where, does it need the optical one?",
        emotion=Emotion.CONFUSED,
    ),
    Sample(
        kind="question",
        subject="Stain card",
        text="May I have the stain card posted to the studio?",
        name="Ottoline Farquhar-Singh",
        context=Context(contacts=1, unanswered=1, days_waiting=3),
    ),
    Sample(
        kind="fault",
        subject="Fenwick stool, one short leg (OH-41266)",
        text="One leg of the stool is cracked and the seat is damaged.\n\nRegards,\nKwabena Asante",
        name="Kwabena Asante",
        key="One leg of the stool is cracked and the seat is damaged.",
        emotion=Emotion.DISAPPOINTED,
    ),
    Sample(
        kind="fault",
        subject="app error",
        text="app keeps saying error and wont let me in, meter definately says 04412",
        name="daz",
        emotion=Emotion.CONFUSED,
    ),
    Sample(
        kind="fault",
        subject="Three faults",
        text="Since then:\n1. the export is broken\n2. the filter is not working\n3. the login crashes\n\nJo",
        emotion=Emotion.FRUSTRATED,
    ),
    Sample(
        kind="delay",
        subject="Still waiting for the side table",
        text="The side table has still not arrived. Any idea when it comes?\n\nThanks\nSinead",
        name="Sinead Gallery",
        key="The side table has still not arrived.",
        emotion=Emotion.FRUSTRATED,
    ),
    Sample(
        kind="delay",
        subject="late delivery 4471902",
        text="It is late again, still waiting.",
        emotion=Emotion.ANXIOUS,
        context=Context(promises_broken=1),
    ),
    Sample(
        kind="billing",
        subject="VAT invoice",
        text="Could you send a VAT invoice made out to Castell Dental Ltd?\n\nKind regards,\nRhian Castell",
        name="Rhian Castell",
        key="Could you send a VAT invoice made out to Castell Dental Ltd?",
    ),
    Sample(
        kind="billing",
        subject="Direct debit",
        text="My direct debit went up and the bill does not say why. I was charged twice last year.",
        emotion=Emotion.FRUSTRATED,
    ),
    Sample(
        kind="refund",
        subject="Refund for the kettle",
        text="When will the refund for the kettle I returned reach my account?",
        key="When will the refund for the kettle I returned reach my account?",
        emotion=Emotion.ANXIOUS,
    ),
    Sample(kind="refund", subject="Refund", text="How do refunds work if I change my mind?"),
    Sample(
        kind="cancellation",
        subject="Cancel my subscription",
        text="Please cancel my subscription from next month, we are moving abroad.",
        key="Please cancel my subscription from next month, we are moving abroad.",
    ),
    Sample(
        kind="cancellation",
        subject="cancelling",
        text="I want to cancel, it was not what I hoped for.",
        emotion=Emotion.DISAPPOINTED,
    ),
    Sample(
        kind="praise",
        subject="Wonderful driver",
        text="The driver carried it all the way up. What a star.\n\nBest wishes\nMaureen Tolley",
        name="Maureen Tolley",
        emotion=Emotion.PLEASED,
    ),
    Sample(
        kind="feature",
        subject="A suggestion for the app",
        text="It would be nice to have a dark theme. One wish: show how many days a hold has travelled.",
        key="One wish: show how many days a hold has travelled.",
        emotion=Emotion.PLEASED,
    ),
    Sample(kind="unclear", subject="", text="see attached pls\n\nJo", name="Jo Marsh"),
    Sample(
        kind="internal",
        subject="Customer at desk 4",
        text="Can you look at this for the Leeds branch?\n\nSam",
        name="Sam Okafor",
        internal=True,
    ),
    Sample(
        kind="complaint",
        subject="Overdue item",
        text="I do not owe this and shall not be paying it.\n\nYours sincerely,\nGordon Abernethy-Pike",
        name="Gordon Abernethy-Pike",
        key="I do not owe this and shall not be paying it.",
        emotion=Emotion.FRUSTRATED,
        cues=(Cue.DISPUTES_ANSWER,),
        verdict=CALL,
    ),
    Sample(
        kind="complaint",
        subject="You guys nailed it again",
        text="Oh brilliant, thanks so much, another wonderful week without a box.",
        key="Oh brilliant, thanks so much, another wonderful week without a box.",
        emotion=Emotion.ANGRY,
        context=Context(contacts=4, unanswered=2, days_waiting=5),
    ),
    Sample(
        kind="complaint",
        subject="Please write only",
        text="I cannot use a telephone. This is the third time that I write about the same box.",
        emotion=Emotion.FRUSTRATED,
        cues=(Cue.REPEATED_CONTACT,),
        flags=(Flag.WRITING_ONLY,),
    ),
    Sample(
        kind="serious",
        subject="Booking QH7K2M",
        text="My husband passed away on the 3rd of November, so there will be no trip.\n\nMarit Aasen",
        name="Marit Aasen",
        emotion=Emotion.DISTRESSED,
        cues=(Cue.VULNERABLE_BEREAVED,),
        flags=(Flag.DEATH_NOTICE,),
        verdict=CALL,
    ),
    Sample(
        kind="serious",
        subject="Letter before action",
        text="My solicitor will write to you next week.",
        emotion=Emotion.ANGRY,
        cues=(Cue.LEGAL_THREAT,),
        verdict=CALL,
    ),
    Sample(
        kind="serious",
        subject="Data request",
        text="Under Article 15 please send me everything you hold about me.",
        cues=(Cue.DATA_RIGHTS,),
    ),
    Sample(
        kind="call_late",
        subject="Five weeks",
        text="Somebody has to ring me about the heating.\n\nFarida Rahimi",
        name="Farida Rahimi",
        key="Somebody has to ring me about the heating.",
        emotion=Emotion.ANGRY,
        cues=(Cue.WANTS_CALL,),
        verdict=CALL,
        phone="+442079460958",
        call="late",
    ),
    Sample(
        kind="call_soon",
        subject="Not renewing",
        text="We have decided not to renew.",
        key="We have decided not to renew.",
        emotion=Emotion.DISAPPOINTED,
        cues=(Cue.LEAVING,),
        verdict=CALL,
        call="soon",
    ),
    Sample(
        kind="ask_number",
        subject="Third time of asking",
        text="This is the third time that I ask for my deposit.",
        key="This is the third time that I ask for my deposit.",
        emotion=Emotion.FRUSTRATED,
        cues=(Cue.REPEATED_CONTACT,),
        verdict=CALL,
        call="ask",
    ),
    Sample(
        kind="emergency",
        subject="help",
        text="I smell gas in the hallway.",
        emotion=Emotion.ANXIOUS,
        cues=(Cue.SAFETY_HARM,),
        verdict=CALL,
        floor=True,
    ),
)
