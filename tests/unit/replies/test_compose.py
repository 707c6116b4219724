"""A holding reply says what the playbook asks for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from triage import texts
from triage.errors import ConfigError
from triage.promises import parse_duration
from triage.replies.compose import KINDS, Plan, ReplySettings, choose_kind, compose, plan
from triage.replies.greeting import greeting_name, person
from triage.replies.listening import leaves_open
from triage.replies.playbook import check
from triage.types import Automated, Context, Cue, Emotion, Flag, Verdict
from unit.replies.samples import SAMPLES, SETTINGS, Sample, assessment, message


def planned(sample: Sample, fingerprint: str = "f0", settings: ReplySettings = SETTINGS) -> Plan:
    return plan(
        sample.mail(fingerprint), sample.judged(), kind=sample.kind, settings=settings, context=sample.context
    )


def by_kind(kind: str) -> Sample:
    return next(sample for sample in SAMPLES if sample.kind == kind)


# --------------------------------------------------------------------------- all of them


def test_there_are_samples_of_every_kind() -> None:
    assert {sample.kind for sample in SAMPLES} == set(KINDS) - {"incident"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.kind}-{s.subject}")
def test_each_sample_gets_its_kind(sample: Sample) -> None:
    chosen = choose_kind(sample.mail(), sample.judged(), internal=sample.internal, call=sample.call)
    assert chosen == sample.kind


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.kind}-{s.subject}")
def test_every_wording_of_every_sample_passes_the_playbook(sample: Sample) -> None:
    for number in range(12):
        text = compose(planned(sample, f"f{number}"), settings=SETTINGS)
        assert check(text, kind=sample.kind) == (), text


# --------------------------------------------------------------------------- choosing the kind


def test_nothing_is_drafted_for_what_cannot_be_judged_or_must_not_be_answered() -> None:
    mail = message()
    robot = Automated(ground="auto_submitted", detail="")
    assert choose_kind(mail, assessment(unjudged="image only")) == ""
    assert choose_kind(mail, assessment(flags=(Flag.UNSAFE,))) == ""
    assert choose_kind(mail, assessment(flags=(Flag.NO_MAIL,))) == ""
    assert choose_kind(mail, replace(assessment(), automated=robot)) == ""
    assert choose_kind(mail, replace(assessment(), solved=True)) == ""


def test_danger_outranks_every_other_kind() -> None:
    judged = assessment(cues=(Cue.LIFE_AT_RISK, Cue.LEGAL_THREAT), flags=(Flag.DEATH_NOTICE,))
    assert choose_kind(message(), judged, internal=True, call="late") == "emergency"


def test_law_injury_and_death_outrank_the_announcement_of_a_call() -> None:
    for cue in (Cue.LEGAL_THREAT, Cue.SAFETY_HARM, Cue.DATA_RIGHTS, Cue.DISCRIMINATION_PRIVACY):
        assert choose_kind(message(), assessment(cues=(cue,)), call="late") == "serious"
    assert choose_kind(message(), assessment(flags=(Flag.DEATH_NOTICE,))) == "serious"


@pytest.mark.parametrize("flag", [Flag.NO_CALL, Flag.WRITING_ONLY])
def test_no_call_is_announced_to_somebody_who_does_not_want_one(flag: Flag) -> None:
    judged = assessment(verdict=Verdict.CALL, flags=(flag,), cues=(Cue.REPEATED_CONTACT,))
    assert choose_kind(message(), judged, call="late") == "complaint"


def test_an_emergency_is_never_worded_by_us() -> None:
    bare = Plan(kind="emergency", language="en")
    with pytest.raises(ValueError, match="emergency_text"):
        compose(bare, settings=replace(SETTINGS, emergency_text=" "))
    assert "call 112 now" in compose(bare, settings=SETTINGS)


# --------------------------------------------------------------------------- P5 to P14


def test_a_feeling_is_named_only_where_it_is_there() -> None:
    assert planned(by_kind("delay")).feeling == "frustrating"
    calm = plan(message(), assessment(), kind="delay", settings=SETTINGS)
    assert calm.feeling == ""


def test_feeling_and_apology_come_before_matter_and_promise() -> None:
    text = compose(planned(by_kind("delay")), settings=SETTINGS)
    places = [
        text.index(part) for part in ("frustrating", "I apologise", "You wrote", "reply to you", "Thank")
    ]
    assert places == sorted(places)


def test_a_plain_question_gets_no_apology() -> None:
    for kind in ("question", "billing", "refund", "cancellation", "feature", "praise", "internal"):
        assert plan(message(), assessment(), kind=kind, settings=SETTINGS).apology == ""


def test_what_our_records_prove_is_apologised_for_first() -> None:
    def apology(context: Context) -> str:
        return plan(message(), assessment(), kind="complaint", settings=SETTINGS, context=context).apology

    assert "when we said" in apology(Context(promises_broken=1, unanswered=2, days_waiting=3))
    assert "write to us again" in apology(Context(unanswered=2, days_waiting=3))
    assert "trouble" in apology(Context(unanswered=1, days_waiting=0.01))


def test_a_serious_matter_gets_neither_apology_nor_feeling_nor_quote() -> None:
    sample = by_kind("serious")
    made = planned(sample)
    assert (made.apology, made.feeling, made.quote, made.topic, made.human_sentence) == (
        "",
        "",
        "",
        "",
        False,
    )
    assert "I am sorry for your loss." in compose(made, settings=SETTINGS)
    legal = next(s for s in SAMPLES if Cue.LEGAL_THREAT in s.cues)
    assert "sorry" not in compose(planned(legal), settings=SETTINGS)


def test_the_quote_is_verbatim_and_short() -> None:
    text = "First line.\nThe hinge on\nthe left door fell off."
    key = "The hinge on the left door fell off."
    made = plan(message(text), assessment(key), kind="fault", settings=SETTINGS)
    assert made.quote == key
    assert f"“{key}”" in compose(made, settings=SETTINGS)
    long = " ".join(["word"] * 26) + "."
    assert plan(message(long), assessment(long), kind="fault", settings=SETTINGS).quote == ""
    invented = plan(message(text), assessment("The door fell off."), kind="fault", settings=SETTINGS)
    assert invented.quote == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Oh brilliant, another week without a single delivery.",
        "You lot are a bunch of crooks and I want my parcel.",
        "I need my insulin and the fridge is broken again.",
        "My card 4111 1111 1111 1111 was charged twice today.",
        "I told you my password is swordfish and it fails.",
        "WHERE IS MY DELIVERY you had one job to do",
        "Why has nobody answered me yet??",
        "Open <b>this</b> and look at the picture please.",
    ],
)
def test_sarcasm_insults_health_secrets_and_shouting_are_never_quoted(sentence: str) -> None:
    judged = assessment(sentence, emotion=Emotion.ANGRY)
    made = plan(message(sentence), judged, kind="complaint", settings=SETTINGS)
    assert made.quote == ""


@pytest.mark.parametrize("address", ["Hi, ", "Dear partner, ", "Guten Tag Frau Weber, "])
def test_a_quote_leaves_out_how_we_were_addressed(address: str) -> None:
    asked = "where is the second of the two chairs?"
    made = plan(
        message(f"{address}{asked}"), assessment(f"{address}{asked}"), kind="fault", settings=SETTINGS
    )
    assert made.quote == asked


@pytest.mark.parametrize(
    ("emotion", "complaint"),
    [
        (Emotion.NEUTRAL, False),
        (Emotion.CONFUSED, False),
        (Emotion.DISAPPOINTED, True),
        (Emotion.ANGRY, True),
    ],
)
def test_an_earlier_mail_is_a_grievance_only_to_somebody_who_is_upset(
    emotion: Emotion, complaint: bool
) -> None:
    judged = assessment(emotion=emotion, cues=(Cue.REPEATED_CONTACT,))
    said = message("As I wrote on Monday, which size of filter do I need?")
    assert (choose_kind(said, judged) == "complaint") is complaint


@pytest.mark.parametrize(
    ("quote", "topic", "open"),
    [
        ("Can I edit that or not?", "Reminder emails", True),
        ("Do the reminder emails stop then?", "Reminder emails", False),
        (
            "I would like to know whether the second one of them can be set to stop by itself.",
            "Reminders",
            False,
        ),
    ],
    ids=["says nothing by itself", "names the topic", "long enough"],
)
def test_a_short_quote_that_does_not_tell_the_matter_stands_with_the_topic(
    quote: str, topic: str, open: bool
) -> None:
    assert leaves_open(quote, topic) is open


def test_without_a_quote_the_topic_is_named_and_without_a_topic_nothing() -> None:
    named = plan(message(subject="Re: AW: Fenwick stool"), assessment(), kind="fault", settings=SETTINGS)
    assert named.topic == "Fenwick stool"
    for subject in ("", "Help", "URGENT COMPLAINT!!!", "Quick question", "You are thieves"):
        made = plan(message(subject=subject), assessment(), kind="fault", settings=SETTINGS)
        assert made.topic == ""


def test_every_matter_of_a_list_is_named_or_none() -> None:
    text = "Three things:\n- the door sticks\n- the key is\n  bent\n- the lamp flickers\n\nJo"
    made = plan(message(text), assessment(), kind="question", settings=SETTINGS)
    assert made.matters == ("the door sticks", "the key is bent", "the lamp flickers")
    text += "\n\n- and your staff are idiots\n"
    assert plan(message(text), assessment(), kind="question", settings=SETTINGS).matters == ()


def test_questions_of_somebody_upset_are_no_list() -> None:
    text = "Do you ever read these? Shall I draw a picture for you?"
    made = plan(message(text), assessment(emotion=Emotion.ANGRY), kind="complaint", settings=SETTINGS)
    assert made.matters == ()


def test_only_the_configured_time_is_promised() -> None:
    made = planned(
        by_kind("delay"), settings=replace(SETTINGS, respond_within=parse_duration("4 business hours"))
    )
    assert "reply to you within four business hours." in compose(made, settings=SETTINGS)
    none = planned(by_kind("delay"), settings=replace(SETTINGS, respond_within=None))
    assert "reply to you. " in compose(none, settings=SETTINGS)


def test_a_missing_detail_is_asked_for_only_where_it_is_missing() -> None:
    assert plan(message("Where is it?"), assessment(), kind="delay", settings=SETTINGS).ask_detail
    for text in ("Where is OH-41266?", "Where is it? acct 8850 2291 07"):
        assert plan(message(text), assessment(), kind="delay", settings=SETTINGS).ask_detail == ""


def test_the_phone_is_offered_for_a_grievance_unless_they_wish_otherwise() -> None:
    def offered(kind: str, *flags: Flag, phone_offer: bool = True) -> bool:
        settings = replace(SETTINGS, phone_offer=phone_offer)
        return plan(message(), assessment(flags=flags), kind=kind, settings=settings).phone_offer

    assert offered("complaint")
    assert not offered("question")
    assert not offered("complaint", phone_offer=False)
    for flag in (Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE):
        assert not offered("complaint", flag)


def test_what_would_help_is_asked_only_where_the_team_allows_it() -> None:
    assert not planned(by_kind("complaint")).what_would_help
    asked = planned(by_kind("complaint"), settings=replace(SETTINGS, ask_what_would_help=True))
    assert "What would make this right for you?" in compose(asked, settings=SETTINGS)


def test_a_late_call_is_announced_honestly() -> None:
    text = compose(planned(by_kind("call_late")), settings=SETTINGS)
    assert "it may not be today" in text
    assert "If another number" in text


def test_without_a_number_one_is_asked_for_once_and_writing_stays_possible() -> None:
    for late in (False, True):
        text = compose(replace(planned(by_kind("ask_number")), late=late), settings=SETTINGS)
        assert "Please reply with a number" in text
        assert "If you would rather not talk" in text
        assert ("it may not be today" in text) is late


# --------------------------------------------------------------------------- the name


@pytest.mark.parametrize(
    ("name", "text", "greeted"),
    [
        ("Genevieve Wu", "Where is it?\n\nCheers\nGen", "Gen"),
        ("Alice Smith", "Where is it?\n\nKind regards,\nBob Smith-Jones", "Bob Smith-Jones"),
        ("Alice Smith", "Where is it?\n\nRegards, Bob", "Bob"),
        ("Mai Nguyễn", "Where is it?\n\nThank you very much\nMai (daughter of Mrs Hanh)", "Mai"),
        ("Alice Smith", "Where is it?\n\nTunbridge Wells", ""),
        ("Alice Smith", "Where is it?", "Alice Smith"),
        ("Kilbride, Saoirse", "Where is it?", "Saoirse Kilbride"),
        ("Cormac Tran", "Where is it?\n\nCT", "Cormac Tran"),
        ("Info", "Where is it?", ""),
        ("Acme Support Team", "Where is it?", ""),
        ("rhys@mailbox.example", "Where is it?", ""),
        ("", "Where is it?\n\nRegards\nA very angry customer", ""),
        ("Marc Wuillemin", "Où est-il ?\n\nCordialement\nFamille Wuillemin", ""),
        ("", "Where is it?\n\nKind regards\nBusiness Continuity", ""),
        ("An Peeters", "Waar is het?\n\nGroeten\nAn", "An"),
        ("JOHN SMITH", "Where is it?", "John Smith"),
        ("femke van der laan", "Where is it?", "Femke van der Laan"),
        ("Neil 🦉 Papadopoulos", "Where is it?", "Neil Papadopoulos"),
        (
            "Jürgen Kesselring",
            "Wo ist es?\n\nMit freundlichen Grüßen\nJ. Kesselring\nHamburg",
            "J. Kesselring",
        ),
        ("th77", "Wo bleibt es?\n\nMit freundlichen Grüßen\nTorben", "Torben"),
        ("Torben Hansen", "Danke\nViele Grüße", "Torben Hansen"),
        ("Peter Maier", "Wo bleibt es?\n\nGruß Peter", "Peter Maier"),
        ("Jan Peeters", "Waar blijft het?\n\nGroetjes Jan", "Jan Peeters"),
        ("", "Waar blijft het?\n\nAlvast hartelijk dank\nLieve De Backer", "Lieve De Backer"),
    ],
)
def test_the_greeting_uses_the_name_they_sign_with_or_none(name: str, text: str, greeted: str) -> None:
    assert greeting_name(message(text, name=name)) == greeted


def test_a_neutral_greeting_names_nobody() -> None:
    assert compose(Plan(kind="question", language="en"), settings=SETTINGS).startswith("Hello,\n")


@pytest.mark.parametrize(
    "name", ["<script>x</script>", "a\x1b]0;pwn\x07", "x" * 500, "{{ 7*7 }}", "Mr", "J.", "=?utf-8?q?x?="]
)
def test_no_oddity_is_taken_for_a_name(name: str) -> None:
    assert person(name) == ""


# --------------------------------------------------------------------------- values and templates


def test_what_stands_in_a_mail_is_never_evaluated() -> None:
    trap = "{{ 7*7 }} {% include 'x' %} stays as text here"
    bare = Plan(kind="question", language="en", quote=trap, greeting_name="{{ signature }}")
    text = compose(bare, settings=SETTINGS)
    assert f"“{trap}”" in text
    assert "Hello {{ signature }}," in text


def test_the_same_message_always_gets_the_same_wording_and_others_differ() -> None:
    sample = by_kind("question")
    made = [compose(planned(sample, f"f{n}"), settings=SETTINGS) for n in range(12)]
    again = [compose(planned(sample, f"f{n}"), settings=SETTINGS) for n in range(12)]
    assert made == again
    assert len(set(made)) > 2
    settled = {
        compose(planned(sample, f"f{n}", replace(SETTINGS, variants=False)), settings=SETTINGS)
        for n in range(12)
    }
    assert len(settled) == 1


def test_a_language_that_is_not_offered_falls_back_to_the_first() -> None:
    judged = assessment(language="nl")
    assert plan(message(), judged, kind="question", settings=SETTINGS).language == "en"


def test_a_team_overrides_a_single_template(tmp_path: Path) -> None:
    folder = tmp_path / "replies" / "en"
    folder.mkdir(parents=True)
    (folder / "praise.txt.j2").write_text(
        '{% extends "replies/en/letter.txt.j2" %}{% block feeling %}Hurray.{% endblock %}', encoding="utf-8"
    )
    settings = replace(SETTINGS, team_folder=str(tmp_path))
    assert "Hurray." in compose(Plan(kind="praise", language="en"), settings=settings)
    assert "Hurray." not in compose(Plan(kind="question", language="en"), settings=settings)


@pytest.mark.parametrize("broken", ["{% if %}", "{{ no_such_value }}", "{{ ''.__class__.__mro__ }}"])
def test_a_broken_template_of_the_team_is_named(tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "replies" / "en"
    folder.mkdir(parents=True)
    (folder / "praise.txt.j2").write_text(broken, encoding="utf-8")
    settings = replace(SETTINGS, team_folder=str(tmp_path))
    with pytest.raises(ConfigError, match=r"praise\.txt\.j2"):
        compose(Plan(kind="praise", language="en"), settings=settings)


def test_a_template_outside_the_folder_is_refused() -> None:
    with pytest.raises(ConfigError):
        texts.read("../pyproject.toml")
    assert texts.languages() == ("de", "en", "es", "fr", "it", "nl", "pt")
