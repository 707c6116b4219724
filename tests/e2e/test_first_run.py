"""The main job: 150 mixed mails in a real mailbox, through the installed command."""

from __future__ import annotations

from collections import Counter
from email.utils import parseaddr
from pathlib import Path

import pytest

from corpus.nasty import NASTY
from e2e.mails import AUTOMATED, OURS, QUESTION, crowd, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot

SAMPLES = sorted((Path(__file__).parents[1] / "mail" / "support").glob("*.eml"))
COMPANIES = (
    "brightmoor",
    "larderloom",
    "oakhollow",
    "parlanto",
    "portellerylibrary",
    "skerryair",
    "ternquay",
)
DISPOSITIONS = ("ticketed", "drafted", "owed", "left_alone", "quarantined", "uncertain")


def test_150_mixed_mails_are_all_handled_and_a_second_run_changes_nothing(team: Team) -> None:
    team.configure(account={"addresses": [OURS, *(f"help@{name}.example" for name in COMPANIES)]})
    samples = [path.read_bytes() for path in SAMPLES]
    mails = [*samples, *AUTOMATED.values(), *crowd(150 - len(samples) - len(AUTOMATED))]
    assert len(mails) == 150
    team.desk.deliver(*mails[:100])
    team.desk.deliver(*mails[100:], flags="FS")
    before = team.desk.snapshot()

    first = team.run()

    assert team.desk.snapshot() == before, "no flag and no byte outside Drafts changes"
    assert first["seen"] == 150
    listed = team.messages()
    assert Counter(m["disposition"] for m in listed) == {
        word: first[word] for word in DISPOSITIONS if first[word]
    }
    verified = team.triage("verify", "--json")
    (count,) = verified.data["accounts"]
    assert (verified.exit, count["server"], count["open"]) == (0, 150, 0)
    assert count["dispositions"] == {word: first[word] for word in DISPOSITIONS if first[word]}
    _drafts_are_what_they_must_be(team, listed, appended=first["appended"])

    tables, drafts = team.tables(), team.desk.mails("Drafts")
    second = team.run()
    print(f"second run: {second['seconds']} s")
    assert (second["seen"], second["bytes_fetched"], second["appended"]) == (0, 0, 0)
    assert team.desk.mails("Drafts") == drafts
    assert team.desk.snapshot() == before
    after = team.tables()
    # That our drafts lie in Drafts is taken note of once; nothing else is new.
    changed = {name for name in tables if tables[name] != after[name]}
    assert changed <= {"mailbox", "sighting", "sighting_reference"}
    third = team.run()
    assert third["bytes_fetched"] == 0
    assert team.tables() == after


def _drafts_are_what_they_must_be(team: Team, listed: list[dict[str, object]], *, appended: int) -> None:
    lying = team.drafts_on_server()
    assert len(lying) == appended > 20
    wanted = {m["message_id"]: m for m in listed if m["draft"]}
    assert len(wanted) == appended
    assert Counter(d["In-Reply-To"] for d in lying) == Counter(wanted.keys())
    for draft in lying:
        answered = wanted[draft["In-Reply-To"]]
        assert draft["References"].split()[-1] == draft["In-Reply-To"]
        assert draft["Auto-Submitted"] == "auto-replied"
        assert draft["X-Triage-Marker"]
        assert draft["Subject"].lower().count("re:") == 1
        assert str(answered["subject"]).removeprefix("Re: ")[:20] in draft["Subject"]
        requester = answered["requester"]
        assert isinstance(requester, dict)
        assert parseaddr(draft["To"])[1].lower() == requester["address"]
        assert parseaddr(draft["From"])[1] == OURS
        assert "Cc" not in draft
        assert "score" not in draft.as_string().lower()
    assert len({d["Message-ID"] for d in lying}) == len({d["X-Triage-Marker"] for d in lying}) == appended
    with team.desk.client() as client:
        client.select_folder("Drafts", readonly=True)
        flags = client.get_flags(client.search())
    assert all(b"\\Draft" in words for words in flags.values())
    robots = [m for m in listed if str(m["message_id"]).endswith("robots.example>")]
    assert len(robots) == len(AUTOMATED) - 1
    assert not any(m["draft"] for m in robots)
    assert {m["disposition"] for m in robots} <= {"left_alone", "owed"}


def test_each_automated_mail_is_left_alone_with_its_ground(team: Team) -> None:
    for name, robot in AUTOMATED.items():
        team.desk.deliver(robot.replace(b"Subject: ", f"Subject: {name} | ".encode(), 1))
    run = team.run()
    assert (run["seen"], run["drafted"], run["ticketed"]) == (len(AUTOMATED), 0, 0)
    grounds = {m["subject"].partition(" | ")[0]: m["ground"] for m in team.messages()}
    assert grounds["bounce"] in ("delivery_report", "null_sender")
    assert grounds["null sender"] == "null_sender"
    assert grounds["out of office"] == "auto_submitted"
    assert grounds["mailing list"] == "mailing_list"
    assert grounds["newsletter"] == "newsletter"
    assert grounds["no-reply"] == "no_reply"
    assert grounds["our own"] == grounds["our draft"] == "ours"
    assert grounds["asks for silence"] == "suppresses_auto_response"


def test_every_nasty_mail_is_read_or_quarantined_and_none_stops_the_others(team: Team) -> None:
    team.desk.deliver(mail(QUESTION, sender="first@customer.example", id="first@customer.example"))
    team.desk.deliver(*NASTY.values())
    team.desk.deliver(mail(QUESTION, sender="last@customer.example", id="last@customer.example"))
    before = team.desk.snapshot()

    done = team.triage("run", "--json")

    assert done.exit in (0, 65), done
    run = done.account
    assert run["status"] == "ok"
    # Nothing at all is no mail yet: it is asked for again, and quarantined at the third time.
    assert (run["deferred"], run["seen"]) == (1, len(NASTY) + 1)
    assert team.desk.snapshot() == before
    assert (team.run()["deferred"], team.run(exit=65)["quarantined"]) == (1, 1)
    assert all(m["disposition"] for m in team.messages())
    drafted = {m["message_id"] for m in team.messages() if m["draft"]}
    assert {"<first@customer.example>", "<last@customer.example>"} <= drafted
    for draft in team.drafts_on_server():
        assert [*draft.keys()].count("To") == 1
        assert not {"Bcc", "Cc"} & {*draft.keys()}
    for words in (("messages", "list"), ("calls", "list"), ("drafts", "list"), ("quarantine", "list")):
        shown = team.triage(*words, "--all")
        assert shown.exit == 0, shown
        assert all(c.isprintable() or c == "\n" for c in shown.stdout)
    again = team.run()
    assert (again["seen"], again["appended"]) == (0, 0)
