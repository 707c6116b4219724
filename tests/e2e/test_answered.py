"""Who was answered already is left in peace, and nobody can be silenced by a forgery."""

from __future__ import annotations

import pytest

from e2e.mails import FURIOUS, OURS, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot

ANNA = "Anna Example <anna@customer.example>"
COLLEAGUE = "Bea <bea@ours.example>"
ANSWER = "Hello Anna, it is the small one, number 7. Best wishes, Bea"


def answer(id: str, *, sender: str = f"Support <{OURS}>", to: str = ANNA, more: str = "") -> bytes:
    return mail(ANSWER + more, sender=sender, to=to, subject="Re: A question", id=f"re-{id}", answers=id)


def test_mail_that_was_answered_before_gets_neither_ticket_nor_draft(team: Team) -> None:
    team.configure(account={"answered_in": ["Archive"]})
    with team.desk.client() as client:
        client.create_folder("Archive")
    team.desk.deliver(mail(FURIOUS, subject="by flag", id="flag@c.example", sender=ANNA), flags="RS")
    for place in ("sent", "archive", "inbox"):
        team.desk.deliver(
            mail(
                FURIOUS, subject=f"by {place}", id=f"{place}@c.example", sender=f"{place} <{place}@c.example>"
            )
        )
    team.desk.append("Sent", answer("sent@c.example", to="sent@c.example"))
    team.desk.append("Archive", answer("archive@c.example", sender=COLLEAGUE, to="archive@c.example"))
    team.desk.append("Archive", answer("flag@c.example", sender="Eve <eve@evil.example>", to=ANNA))
    reply = answer("inbox@c.example", sender=COLLEAGUE, to=f"inbox@c.example, {OURS}")
    team.desk.deliver(reply)

    run = team.run()

    found = team.by_subject()
    for place in ("flag", "sent", "archive", "inbox"):
        message = found[f"by {place}"]
        assert (message["disposition"], message["ground"]) == ("left_alone", "answered"), place
        assert message["answered"]
    colleagues = found["Re: A question"]
    assert (colleagues["disposition"], colleagues["ground"]) == ("left_alone", "ours")
    assert (run["ticketed"], run["drafted"], run["owed"]) == (0, 0, 0)
    assert team.drafts_on_server() == []


def test_an_answer_while_the_draft_waits_takes_the_draft_back(team: Team) -> None:
    team.configure("[limits]\ndrafts_per_run = 0")
    for n, name in enumerate(("flagged", "sent", "colleague", "open")):
        team.desk.deliver(mail(subject=name, id=f"{name}@c.example", sender=f"{name}@c{n}.example"))
    run = team.run()
    assert (run["drafted"], run["appended"], run["pending"]) == (4, 0, 4)
    with team.desk.client() as client:
        client.select_folder("INBOX")
        client.add_flags([1], [b"\\Answered"])
    team.desk.append("Sent", answer("sent@c.example", to="sent@c1.example"))
    team.desk.deliver(answer("colleague@c.example", sender=COLLEAGUE, to=f"colleague@c2.example, {OURS}"))
    team.configure()

    run = team.run()

    assert (run["appended"], run["pending"]) == (1, 0)
    (draft,) = team.drafts_on_server()
    assert draft["In-Reply-To"] == "<open@c.example>"
    assert [(d["subject"], d["status"]) for d in team.drafts()] == [
        ("Re: open", "stored"),
        ("Re: colleague", "answered"),
        ("Re: sent", "answered"),
        ("Re: flagged", "answered"),
    ]
    found = team.by_subject()
    for name in ("flagged", "sent", "colleague"):
        assert (found[name]["disposition"], found[name]["ground"]) == ("left_alone", "answered")
    promises = {p["draft"]: p["status"] for p in team.triage("promises", "list", "--all", "--json").data}
    assert sorted(promises.values()) == ["moot", "moot", "moot", "unsent"]


def test_a_forged_reference_neither_joins_nor_silences_another_customer(team: Team) -> None:
    team.desk.deliver(mail(subject="mine", id="anna@c.example", sender=ANNA))
    team.run()
    # Eve claims to answer Anna's mail; and a mail to Eve claims to be our answer to Anna.
    team.desk.deliver(
        mail(subject="forged", id="eve@evil.example", answers="anna@c.example", sender="eve@evil.example"),
        mail(
            "It is done.",
            subject="false answer",
            id="false@evil.example",
            answers="anna@c.example",
            sender="eve2@evil.example",
            to=f"{OURS}, {ANNA}",
        ),
    )
    team.desk.append("Sent", answer("anna@c.example", to="eve@evil.example"))
    team.run()
    found = team.by_subject()
    assert (found["mine"]["disposition"], found["mine"]["answered"]) == ("drafted", None)
    assert found["forged"]["conversation"] != found["mine"]["conversation"]
    assert found["forged"]["disposition"] in ("drafted", "left_alone")
    assert found["forged"]["ground"] != "covered"
    own = [d for d in team.drafts_on_server() if d["To"] and "anna@" in d["To"]]
    assert len(own) == 1
    assert not any("eve" in str(d) for d in own)


def test_five_mails_of_one_requester_in_an_hour_are_one_draft_or_one_ticket(team: Team) -> None:
    for n in range(5):  # five new mails
        team.desk.deliver(mail(subject=f"new {n}", id=f"new-{n}@c.example", sender="ned@c.example"))
    for n in range(5):  # five in one thread
        team.desk.deliver(
            mail(
                subject=f"thread {n}",
                id=f"thread-{n}@c.example",
                sender="tom@c.example",
                answers=f"thread-{n - 1}@c.example" if n else "",
            )
        )
    for n in range(5):  # five furious ones
        text = FURIOUS + f" ({n})"
        team.desk.deliver(mail(text, subject=f"angry {n}", id=f"angry-{n}@c.example", sender="fay@c.example"))

    run = team.run()

    # Writing again and again is a sign by itself: the last of them may make it a case to be
    # called, which the earlier ones then join, their draft withdrawn before it is appended.
    found = {s: (m["disposition"], m["ground"]) for s, m in team.by_subject().items()}
    called = {ticket["requester"]["address"]: ticket["messages"] for ticket in team.tickets()}
    assert len(called) == len(team.tickets())
    for name, address, further in (
        ("new", "ned", ("owed", "cap")),
        ("thread", "tom", ("left_alone", "covered")),
    ):
        mine = [found[f"{name} {n}"] for n in range(5)]
        if called.get(f"{address}@c.example"):
            assert {disposition for disposition, _ in mine} == {"ticketed"}
            assert called[f"{address}@c.example"] == 5
        else:
            assert mine == [("drafted", "reply"), *[further] * 4]
    assert found["angry 0"] == ("ticketed", "call")
    assert {found[f"angry {n}"] for n in range(1, 5)} == {("ticketed", "joined")}
    assert called["fay@c.example"] == 5
    drafted = [r for r in ("ned@c.example", "tom@c.example") if r not in called]
    assert run["appended"] == len(team.drafts_on_server()) == len(drafted)
    stored = {d["requester"]["address"]: d["stale"] for d in team.drafts() if d["status"] == "stored"}
    assert stored == {r: r == "tom@c.example" for r in drafted}
