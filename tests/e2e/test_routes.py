"""Where each kind of mail goes, and where the start line is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import pytest

from e2e.mails import DANGER, FURIOUS, OURS, QUESTION, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot

SOURCES = """
[[accounts.support.sources]]
match = { from = 'forms@site\\.example' }
kind = "form"
name = '(?m)^Name: (.+)$'
address = '(?m)^E-mail: (\\S+)$'
phone = '(?m)^Phone: (.+)$'
[[accounts.support.sources]]
match = { from = 'voicemail@pbx\\.example' }
kind = "voicemail"
phone = '(?m)^Caller: (.+)$'
"""


def test_each_kind_of_mail_finds_its_way(team: Team) -> None:
    team.configure(SOURCES)
    team.desk.deliver(
        mail(subject="plain", id="plain@c.example", sender="plain@c.example"),
        mail("Build 77 failed.", subject="robot colleague", id="r@ours.example",
             sender="Build <build@ours.example>", headers={"Auto-Submitted": "auto-generated"}),
        mail(subject="colleague", id="b@ours.example", sender="Bea <bea@ours.example>"),
        mail(subject="our list", id="l@c.example", sender="lea@c.example",
             headers={"List-Id": "<support.ours.example>", "List-Post": f"<mailto:{OURS}>",
                      "Precedence": "list"}),
        mail(subject="blind copy", id="bcc@c.example", sender="bcc@c.example", to="boss@elsewhere.example"),
        mail(f"Name: Fred Form\nE-mail: fred@c.example\nPhone: 020 7946 0123\n\nMessage:\n{QUESTION}",
             subject="form", id="f@site.example", sender="Site <forms@site.example>",
             headers={"Auto-Submitted": "auto-generated"}),
        mail("New voicemail.\nCaller: +44 20 7946 0456\nLength: 12 seconds", subject="voicemail",
             id="v@pbx.example", sender="Voicemail <voicemail@pbx.example>"),
        mail(QUESTION + "\n\nMy husband reads my mail and must not know of this.",
             subject="hush", id="u@c.example", sender="una@c.example"),
        mail(FURIOUS.partition("Call me")[0] + "Do not call me, answer in writing only.",
             subject="in writing", id="w@c.example", sender="wim@c.example"),
        mail("Thank you, all is solved now. No need to reply.", subject="thanks", id="t@c.example",
             sender="tina@c.example"),
        mail(DANGER, subject="danger", id="d@c.example", sender="dora@c.example"),
        mail("", subject="", id="e@c.example", sender="empty@c.example"),
    )  # fmt: skip

    done = team.triage("run", "--json")

    assert (done.exit, done.account["seen"]) == (0, 12)
    assert any("life or safety" in warning for warning in done.json["warnings"])
    found = team.by_subject()
    where = {subject: (m["disposition"], m["ground"]) for subject, m in found.items()}
    assert where["plain"] == where["colleague"] == where["our list"] == where["form"] == ("drafted", "reply")
    assert where["robot colleague"] == ("left_alone", "auto_submitted")
    assert where["blind copy"] == ("owed", "not_named")
    assert where["voicemail"] == ("ticketed", "voicemail")
    assert (found["hush"]["draft"], where["hush"]) == (None, ("owed", "unsafe"))
    assert where["in writing"] == ("ticketed", "call")
    assert where["thanks"] == ("left_alone", "solved")
    assert where["danger"] == ("ticketed", "call")
    assert where[""] == ("owed", "cannot_judge")
    assert found["form"]["requester"] == {"name": "Fred Form", "address": "fred@c.example"}
    tickets = {t["subject"]: t for t in team.tickets()}
    assert team.tickets()[0]["subject"] == "danger"
    assert (tickets["danger"]["tier"], tickets["danger"]["score"] >= 95) == (0, True)
    assert tickets["voicemail"]["phone"] == "+442079460456"
    assert (tickets["in writing"]["contact"], tickets["in writing"]["phone"]) == ("writing", None)
    recipients = {parseaddr(d["To"])[1] for d in team.drafts_on_server()}
    assert recipients == {"plain@c.example", "bea@ours.example", "lea@c.example", "fred@c.example"}
    owed = team.triage("messages", "list", "--owed", "--json").data
    assert {m["subject"] for m in owed} == {"blind copy", "hush", ""}


def test_a_mail_that_asks_for_no_automatic_reply_is_ranked_and_never_drafted_to(team: Team) -> None:
    silent = {"X-Auto-Response-Suppress": "All"}
    team.desk.deliver(
        mail(QUESTION, subject="calm", id="calm@c.example", sender="cal@c.example", headers=silent),
        mail(FURIOUS, subject="angry", id="angry@c.example", sender="ann@c.example", headers=silent),
    )
    team.run()
    found = {s: (m["disposition"], m["ground"]) for s, m in team.by_subject().items()}
    assert found == {"calm": ("owed", "suppresses_auto_response"), "angry": ("ticketed", "call")}
    assert team.drafts_on_server() == []


def test_mail_from_before_the_start_line_is_left_alone_also_when_it_is_moved_in_later(team: Team) -> None:
    now = datetime.now(UTC)

    def deliver(name: str, days: int) -> None:
        team.desk.deliver(
            mail(subject=name, id=f"{name}@c.example", sender=f"{name}@c.example"),
            when=now - timedelta(days=days),
        )

    deliver("month", 30)
    deliver("days", 8)
    deliver("fresh", 2)
    run = team.run()
    assert (run["seen"], run["left_alone"], run["drafted"]) == (3, 2, 1)
    deliver("moved", 20)
    assert team.run()["left_alone"] == 1
    assert [m["ground"] for m in team.messages() if m["disposition"] == "left_alone"] == ["old"] * 3
    assert len(team.drafts_on_server()) == 1

    since = f"{now - timedelta(days=10):%Y-%m-%d}"
    run = team.run("--since", since)
    assert (run["seen"], run["drafted"], run["appended"]) == (1, 1, 1)
    assert team.run()["seen"] == 0
    assert sorted(d["In-Reply-To"] for d in team.drafts_on_server()) == [
        "<days@c.example>",
        "<fresh@c.example>",
    ]
    assert team.triage("verify", "--json").exit == 0
    assert team.triage("run", "--since", "yesterday-ish").exit == 64


def test_limit_takes_up_some_now_and_the_rest_in_the_next_run(team: Team) -> None:
    team.desk.deliver(*(mail(id=f"n{n}@c.example", sender=f"n{n}@c.example") for n in range(5)))
    assert team.run("--limit", "2")["seen"] == 2
    (count,) = team.triage("verify", "--json").data["accounts"]
    assert (count["ok"], count["open"]) == (True, 3)
    assert team.run()["seen"] == 3
    assert len(team.drafts_on_server()) == 5


def test_of_a_huge_mail_only_the_beginning_is_read(team: Team) -> None:
    team.configure("[limits]\nmessage_bytes = 20000")
    huge = mail(QUESTION + "\n\n" + "x" * 70 + "\n", sender="hugo@c.example", id="huge@c.example")
    team.desk.deliver(huge + (b"y" * 70 + b"\r\n") * 40_000)
    run = team.run()
    assert run["seen"] == 1
    assert run["bytes_fetched"] < 300_000
    (message,) = team.messages()
    assert message["disposition"] in ("drafted", "owed")


def test_a_mail_delivered_twice_gets_one_draft(team: Team) -> None:
    twice = mail(id="twice@c.example", sender="tw@c.example")
    angry = mail(FURIOUS, id="angry@c.example", sender="an@c.example")
    team.desk.deliver(twice, twice, angry, angry)
    # A reused Message-ID with other words is another mail.
    team.desk.deliver(mail("Where is my parcel 7, please?", id="twice@c.example", sender="other@c.example"))
    run = team.run()
    assert (run["drafted"], run["ticketed"], run["left_alone"]) == (2, 1, 2)
    assert [m["ground"] for m in team.messages() if m["disposition"] == "left_alone"] == ["duplicate"] * 2
    (ticket,) = team.tickets()
    assert ticket["messages"] == 1


def test_whoever_sends_a_draft_is_told_what_is_odd_about_its_requester(team: Team) -> None:
    team.desk.deliver(
        mail(
            id="odd@c.example", sender="Anna <anna@c.example>", headers={"Reply-To": "anna@elsewhere.example"}
        ),
        mail(id="plain@d.example", sender="Bo <bo@d.example>", subject="plain"),
    )
    team.run()
    by_recipient = {d["requester"]["address"]: d["id"] for d in team.drafts()}
    odd = team.triage("drafts", "show", by_recipient["anna@elsewhere.example"], "--json").data
    assert odd["doubts"] == ["answers are to go to another domain than the mail came from"]
    shown = team.triage("drafts", "show", odd["id"])
    assert "look twice before you send it" in shown.stdout
    plain = team.triage("drafts", "show", by_recipient["bo@d.example"], "--json").data
    assert plain["doubts"] == []
    assert "look twice" in team.triage("messages", "show", "m1").stdout
