"""A draft that breaks the playbook is not stored: the plainest one is, and it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from unit.pipeline.office import Office

BAD = '{% extends "replies/en/letter.txt.j2" %}\n{% block who %}Rest assured that we will look{% endblock %}'


def test_a_draft_against_the_playbook_falls_back_to_the_plainest_and_is_told(
    office: Office, tmp_path: Path
) -> None:
    own = tmp_path / "own" / "replies" / "en"
    own.mkdir(parents=True)
    (own / "fault.txt.j2").write_text(BAD)
    replies = replace(office.settings.replies, team_folder=str(tmp_path / "own"))
    office.settings = replace(office.settings, replies=replies)
    uid = office.write("anna", "The heater is broken, it does not work any more. What can I do?")
    report = office.run()
    (draft,) = office.drafts()
    assert draft.kind == "question"
    assert "Rest assured" not in draft.text
    (told,) = [notice for notice in report.notices if "P19" in notice]
    assert "fault in en" in told
    events = office.store.journal.of("message", office.message(uid).id)
    assert [e.what for e in events if e.what == "reworded"] == ["reworded"]


def test_where_no_words_keep_the_playbook_a_person_answers(office: Office, tmp_path: Path) -> None:
    own = tmp_path / "own" / "replies" / "en"
    own.mkdir(parents=True)
    for kind in ("fault", "question"):
        (own / f"{kind}.txt.j2").write_text(BAD)
    replies = replace(office.settings.replies, team_folder=str(tmp_path / "own"))
    office.settings = replace(office.settings, replies=replies)
    uid = office.write("anna", "The heater is broken, it does not work any more. What can I do?")
    office.run()
    assert office.drafts() == []
    assert (office.message(uid).disposition, office.message(uid).ground) == ("owed", "cannot_word")
