"""What people and servers do between two runs: new mail, a reset, drafts sent, edited and removed."""

from __future__ import annotations

import shutil

import pytest

from e2e.mails import FURIOUS, OURS, QUESTION, crowd, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot


def renew(team: Team, mailbox: str = "INBOX") -> None:
    """Gives the mailbox another UIDVALIDITY and its mails other uids."""
    folder = team.desk.maildir / ("" if mailbox == "INBOX" else f".{mailbox}")
    for path in (*folder.glob("dovecot-uidlist"), *folder.glob("dovecot.index*")):
        path.unlink()
    shutil.rmtree(team.desk.maildir / "nothing", ignore_errors=True)
    with team.desk.client() as client:
        client.select_folder(mailbox, readonly=True)


def validity(team: Team, mailbox: str = "INBOX") -> int:
    with team.desk.client() as client:
        return int(client.select_folder(mailbox, readonly=True)[b"UIDVALIDITY"])


def test_new_mail_between_two_runs_is_all_that_the_second_one_fetches(team: Team) -> None:
    team.desk.deliver(*crowd(12))
    first = team.run()
    fresh = mail(subject="fresh", id="fresh@c.example", sender="fresh@c.example")
    team.desk.deliver(fresh)
    second = team.run()
    assert (first["seen"], second["seen"], second["drafted"]) == (12, 1, 1)
    assert second["bytes_fetched"] == len(fresh)
    assert team.messages()[0]["subject"] == "fresh"


def test_a_new_uidvalidity_doubles_nothing_and_loses_nothing(team: Team) -> None:
    bare = b"From: bare@c.example\r\nTo: support@ours.example\r\nSubject: bare\r\n\r\nWhich filter fits the 300?\r\n"
    team.desk.deliver(*crowd(20), mail(QUESTION, sender="no-id@c.example"), bare, bare)
    team.run()
    before = {m["id"]: (m["disposition"], m["ground"], m["draft"], m["ticket"]) for m in team.messages()}
    drafts, tickets = len(team.drafts_on_server()), team.tickets()
    old = validity(team)
    team.desk.deliver(mail(subject="meanwhile", id="meanwhile@c.example", sender="mean@c.example"))
    renew(team)
    assert validity(team) != old

    run = team.run()

    assert (run["seen"], run["appended"]) == (1, 1), run
    after = {m["id"]: (m["disposition"], m["ground"], m["draft"], m["ticket"]) for m in team.messages()}
    assert {id: after.get(id) for id in before} == before
    assert len(after) == len(before) + 1
    assert len(team.drafts_on_server()) == drafts + 1
    assert [(t["id"], t["messages"]) for t in team.tickets()] == [(t["id"], t["messages"]) for t in tickets]
    (count,) = team.triage("verify", "--json").data["accounts"]
    assert (count["ok"], count["server"], count["recorded"]) == (True, 24, 24)
    again = team.run()
    assert (again["seen"], again["bytes_fetched"]) == (0, 0)


def test_drafts_made_anew_keep_their_one_draft_each(team: Team) -> None:
    team.desk.deliver(*(mail(id=f"n{n}@c.example", sender=f"n{n}@c.example") for n in range(3)))
    team.run()
    renew(team, "Drafts")
    team.run()
    assert [d["status"] for d in team.drafts()] == ["stored"] * 3
    with team.database() as database:
        assert database.execute("SELECT count(*) FROM draft WHERE missing IS NOT NULL").fetchone()[0] == 0
    assert len(team.drafts_on_server()) == 3


def test_drafts_that_people_send_edit_and_remove_are_followed(team: Team) -> None:
    for name in ("sent", "edited", "rewritten", "removed", "kept"):
        team.desk.deliver(mail(subject=name, id=f"{name}@c.example", sender=f"{name}@c.example"))
    team.run()
    uids = {d["subject"].removeprefix("Re: "): d["uid"] for d in team.drafts()}
    contents = {d["Subject"].removeprefix("Re: "): d.as_bytes() for d in team.drafts_on_server()}

    def without_marks(content: bytes) -> bytes:
        """As many programs save it: a new Message-ID and none of our headers."""
        lines = content.split(b"\n")
        return b"\n".join(
            b"Message-ID: <new@ours.example>" if line.startswith(b"Message-ID") else line
            for line in lines
            if not line.startswith((b"X-Triage-Marker", b"Auto-Submitted"))
        )

    with team.desk.client() as client:
        client.select_folder("Drafts")
        client.move([uids["sent"]], "Sent")
        client.append("Drafts", without_marks(contents["edited"].replace(b"Hello", b"Dear")), ["\\Draft"])
        client.delete_messages([uids["edited"], uids["removed"], uids["rewritten"]])
        client.expunge()
    answer = mail(
        "Hello, the filter is number 7, and I have put one into the post for you today. Best wishes, Bea",
        sender=f"Support <{OURS}>", to="rewritten@c.example", subject="Re: rewritten",
        id="own@ours.example", answers="rewritten@c.example",
    )  # fmt: skip
    team.desk.append("Sent", answer)

    run = team.run()

    assert (run["seen"], run["appended"]) == (0, 0)
    drafts = {d["subject"].removeprefix("Re: "): d for d in team.drafts()}
    assert {name: d["status"] for name, d in drafts.items()} == {
        "sent": "sent", "edited": "stored", "rewritten": "answered", "removed": "stored", "kept": "stored",
    }  # fmt: skip
    assert drafts["edited"]["uid"] != uids["edited"]
    assert drafts["sent"]["promise_due"]
    promises = {p["requester"]["address"].partition("@")[0]: p for p in team.triage(
        "promises", "list", "--all", "--json").data}  # fmt: skip
    assert (promises["sent"]["status"], promises["kept"]["status"]) == ("open", "unsent")
    assert promises["rewritten"]["status"] == "moot"

    # A quarter of an hour later the removed one counts as thrown away: a person owes the answer.
    with team.database() as database:
        assert database.execute("SELECT count(*) FROM draft WHERE missing IS NOT NULL").fetchone()[0] == 1
        database.execute("UPDATE draft SET missing = missing - 16 * 60000 WHERE missing IS NOT NULL")
    # The edited one is sent, without any mark of ours: known by its words.
    with team.desk.client() as client:
        client.select_folder("Drafts")
        client.move([drafts["edited"]["uid"]], "Sent")
    team.run()
    status = {d["subject"].removeprefix("Re: "): d["status"] for d in team.drafts()}
    assert (status["removed"], status["edited"], status["kept"]) == ("discarded", "sent", "stored")
    found = team.by_subject()
    assert (found["removed"]["disposition"], found["removed"]["ground"]) == ("owed", "draft_discarded")
    assert found["edited"]["answered"] is None
    assert found["rewritten"]["ground"] == "answered"
    assert team.run()["appended"] == 0


def test_an_answer_keeps_the_promise_of_the_holding_reply(team: Team) -> None:
    team.desk.deliver(mail(subject="ask", id="ask@c.example", sender="anna@c.example"))
    team.run()
    (draft,) = team.drafts()
    with team.desk.client() as client:
        client.select_folder("Drafts")
        client.move([draft["uid"]], "Sent")
    team.run()
    assert team.triage("promises", "list", "--json").data[0]["status"] == "open"
    assert team.by_subject()["ask"]["answered"] is None
    answer = mail("Number 7.", sender=f"Support <{OURS}>", to="anna@c.example", subject="Re: ask",
                  id="a@ours.example", answers="ask@c.example")  # fmt: skip
    team.desk.append("Sent", answer)
    team.run()
    assert team.triage("promises", "list", "--all", "--json").data[0]["status"] == "kept"
    assert team.by_subject()["ask"]["answered"]


def test_a_grievance_about_a_closed_case_opens_it_again(team: Team) -> None:
    team.desk.deliver(mail(FURIOUS, subject="angry", id="a1@c.example", sender="anna@c.example"))
    team.run()
    assert team.triage("calls", "done", "t1", "--note", "refunded").exit == 0
    again = mail(FURIOUS + " Again.", subject="angry", id="a2@c.example", sender="anna@c.example")
    team.desk.deliver(again)
    assert team.run()["ticketed"] == 1
    (ticket,) = team.tickets()
    assert (ticket["id"], ticket["status"], ticket["messages"]) == ("t1", "waiting", 2)
