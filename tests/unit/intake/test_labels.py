"""Labels are read from a CSV beside its mails or from JSON lines; what is wrong is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import InputError, NotFoundError
from triage.intake.labels import Label, read
from triage.types import Verdict

SAMPLES = Path(__file__).parents[2] / "mail" / "support"


def test_a_csv_labels_the_mails_beside_it_and_its_folder_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("file,verdict,priority,reason\n1.eml,call,80,x\n2.eml,none,,\n", encoding="utf-8-sig")
    for path in (file, tmp_path):
        found = read(path)
        assert found.mails == tmp_path
        assert found.labels == {
            "1.eml": Label(verdict=Verdict.CALL, priority=80.0),
            "2.eml": Label(verdict=Verdict.NONE),
        }


def test_the_sample_mails_are_all_labelled() -> None:
    assert len(read(SAMPLES).labels) == 50


def test_json_lines_are_labels_and_mails_in_one_and_may_be_without_a_verdict(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text('{"id": "a", "verdict": "reply"}\n\n{"id": "b"}\n{"verdict": "call", "priority": 60}\n')
    found = read(file)
    assert (found.mails, found.without) == (file, 1)
    assert found.labels == {
        "a": Label(verdict=Verdict.REPLY),
        "4": Label(verdict=Verdict.CALL, priority=60.0),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "verdict": "ring"}', r":1: 'ring' is no verdict"),
        ('{"id": "a", "verdict": "call", "priority": "high"}', r":1: 'high' is no priority"),
        ('{"id": "a", "verdict": "call", "priority": 101}', "is no priority"),
        ('{"id": "a", "verdict": "call", "priority": NaN}', "is no priority"),
        ('{"id": "a", "verdict": "call"}\n{"id": "a", "verdict": "none"}', ":2: a is there twice"),
        ('{"id": "a"}', "no verdict in it"),
        ("", "no verdict in it"),
        ("[1]", ":1: not an object"),
        ("{", ":1: no JSON"),
    ],
)
def test_what_is_no_label_is_an_error_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        read(file)


def test_a_folder_without_labels_and_bytes_that_are_no_text_are_errors(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read(tmp_path)
    (tmp_path / "labels.csv").write_bytes(b"file,verdict\n\xff\xfe,call\n")
    with pytest.raises(InputError):
        read(tmp_path)
