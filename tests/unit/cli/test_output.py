from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.cli.output import (
    Column,
    Options,
    Page,
    Problem,
    Result,
    cells,
    dumps,
    emit,
    jsonable,
    read_id,
    safe,
    safe_lines,
    shorten,
    show_id,
    show_span,
    table,
)
from triage.errors import Exit, NotFoundError, UsageError
from triage.types import Address, Cue, Hit, TicketStatus

HOSTILE = "a\x1b]0;pwn\x07\x1b[2J\x9b31m\rb\u202ec\x00\ud800[/b][link=x]"


def test_nothing_from_a_mail_can_drive_the_terminal() -> None:
    assert safe(HOSTILE) == "a�]0;pwn��[2J�31m b�c��[/b][link=x]"


@given(st.text())
def test_safe_text_is_one_printable_line(text: str) -> None:
    assert safe(text).isprintable()
    assert safe(safe(text)) == safe(text)


def test_ordinary_text_in_any_script_stays_as_it_is() -> None:
    for text in ("Grüße, Ærø", "下書き", "مرحبا", "😡 [b]", "e\u0301"):
        assert safe(text) == text
    assert safe("1\u00a0000 €\tnow\nthen") == "1 000 € now then"
    assert safe("soft\u00adhyphen\u200b") == "softhyphen"


def test_lines_stay_where_a_text_has_them() -> None:
    assert safe_lines("one\r\ntwo\n\n\x1bthree") == "one\ntwo\n\n�three"


def test_whatever_a_command_forgot_is_made_safe_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Result(text=f"subject: {HOSTILE}\nnext"), Options(), command="x")
    out = capsys.readouterr().out
    assert out == f"subject: {safe(HOSTILE)}\nnext\n"


def test_our_own_styles_pass_and_a_mails_escapes_inside_them_do_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    coloured = Page(colour=True).red("\x1b[2Jurgent")
    emit(Result(text=coloured), Options(), command="x")
    assert capsys.readouterr().out == "\x1b[31m�[2Jurgent\x1b[0m\n"
    assert Page(colour=False).bold("plain") == "plain"


# --------------------------------------------------------------------------- tables

COLUMNS = (
    Column(title="ID"),
    Column(title="SCORE", right=True),
    Column(title="SUBJECT", flexible=True),
    Column(title="FROM", flexible=True),
)


def test_a_piped_table_is_aligned_and_never_cut() -> None:
    rows = [("t1", 97, "x" * 200, "Ana"), ("t12", 5, None, "名前")]
    lines = table(COLUMNS, rows, Page()).split("\n")
    assert lines[1] == f"t1      97  {'x' * 200}  Ana"
    assert lines[2].startswith("t12      5  ")
    assert lines[2].endswith("  名前")
    assert {line.index(word) for line, word in zip(lines, ("FROM", "Ana", "名前"), strict=True)} == {214}


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_table_fits_the_terminal_even_with_wide_characters(width: int) -> None:
    rows = [("t1", 97, "下書き" * 60, "very long name " * 9), ("t2", 1, "short", "b\x1b[2J" * 50)]
    lines = table(COLUMNS, rows, Page(width=width)).split("\n")
    assert len(lines) == 3
    assert all(cells(line) <= width for line in lines)
    assert "…" in lines[1]
    assert all(line.isprintable() for line in lines)


def test_a_table_without_rows_is_no_table() -> None:
    assert table(COLUMNS, [], Page(width=80)) == ""


@given(st.text(max_size=40), st.integers(min_value=0, max_value=30))
def test_a_shortened_text_never_takes_more_than_its_width(text: str, width: int) -> None:
    text = safe(text)
    assert cells(shorten(text, width)) <= width
    assert shorten(text, cells(text)) == text


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(seconds=59), "0m"),
        (timedelta(minutes=45), "45m"),
        (timedelta(hours=3, minutes=10), "3h 10m"),
        (timedelta(hours=3), "3h"),
        (timedelta(days=2, hours=4, minutes=9), "2d 4h"),
        (timedelta(days=-1), "0m"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(span: timedelta, shown: str) -> None:
    assert show_span(span) == shown


# --------------------------------------------------------------------------- ids


def test_an_id_is_read_with_or_without_its_letter() -> None:
    assert show_id("m", 12) == "m12"
    assert {read_id("m", text) for text in ("m12", "M12", "12", " m12 ")} == {12}


@pytest.mark.parametrize("text", ["t12", "x12", "m", "", "m-1", "m1.5", "m٣", "m" + "9" * 40, "m1\x1b[2J"])
def test_what_is_no_id_of_that_kind_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_id("m", text)
    assert caught.value.hint == "the id of a message looks like m12"


# --------------------------------------------------------------------------- JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    at: datetime
    lease: timedelta
    who: Address | None
    states: frozenset[TicketStatus]
    hits: tuple[Hit, ...]
    path: Path


def test_values_of_the_program_become_the_contracts_json() -> None:
    row = Row(
        at=datetime(2026, 3, 1, 12, 0, 30, 999_999, timezone(timedelta(hours=2))),
        lease=timedelta(minutes=45),
        who=Address(address="ana@example.org", name="Ana"),
        states=frozenset({TicketStatus.WAITING, TicketStatus.CLAIMED}),
        hits=(Hit(cue=Cue.LEAVING, evidence="I am leaving."),),
        path=Path("/tmp/x"),
    )
    assert jsonable(row) == {
        "at": "2026-03-01T10:00:30Z",
        "lease": 2700,
        "who": {"name": "Ana", "address": "ana@example.org"},
        "states": ["claimed", "waiting"],
        "hits": [{"cue": "leaving", "evidence": "I am leaving.", "present_danger": False}],
        "path": "/tmp/x",
    }
    assert jsonable({Cue.ABUSE: (date(2026, 1, 2), Exit.DATA)}) == {"abuse": ["2026-01-02", 65]}


def test_what_has_no_place_in_json_is_a_bug_and_not_a_guess() -> None:
    with pytest.raises(TypeError):
        jsonable(b"bytes")
    with pytest.raises(ValueError, match="time zone"):
        jsonable(datetime(2026, 1, 1))  # noqa: DTZ001 - the fault that is tested
    with pytest.raises(ValueError, match="JSON"):
        dumps(float("nan"))


def test_json_is_readable_in_any_script_and_harmless_on_a_terminal() -> None:
    text = dumps({"subject": "Grüße 下書き" + HOSTILE})
    assert "Grüße 下書き" in text
    assert text.isprintable()
    assert json.loads(text)["subject"] == "Grüße 下書き" + HOSTILE.replace("\ud800", "�")


def test_a_failed_command_prints_its_problem_in_the_same_object(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem.of(NotFoundError("no ticket t9", hint="triage calls list"))
    emit(Result(exit=Exit.MISSING, errors=(problem,)), Options(json=True), command="calls-show")
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "schema": "triage/calls-show/1",
        "ok": False,
        "data": None,
        "warnings": [],
        "errors": [{"code": "not_found", "message": "no ticket t9", "hint": "triage calls list"}],
    }
    assert captured.err == ""


# --------------------------------------------------------------------------- where it goes


def test_data_goes_to_stdout_and_everything_else_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    problems = (Problem(code="config", message="a: wrong\nb: wrong\x1b[2J", hint="mend it"),)
    result = Result(text="the data", warnings=("old",), errors=problems, exit=Exit.CONFIG)
    emit(result, Options(), command="x")
    captured = capsys.readouterr()
    assert captured.out == "the data\n"
    assert captured.err == "triage: warning: old\ntriage: a: wrong\ntriage: b: wrong�[2J (mend it)\n"


def test_quiet_hides_warnings_and_routine_texts_but_never_data_or_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet = Options(quiet=True)
    emit(Result(text="all well", routine=True, warnings=("old",)), quiet, command="run")
    assert capsys.readouterr() == ("", "")
    emit(Result(text="data"), quiet, command="calls-list")
    assert capsys.readouterr().out == "data\n"
    failed = Result(
        text="report", routine=True, exit=Exit.LOGIN, errors=(Problem(code="login", message="refused"),)
    )
    emit(failed, quiet, command="run")
    assert capsys.readouterr() == ("", "triage: refused\n")


def test_an_alarm_is_told_even_with_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    result = Result(text="all well", routine=True, alarms=("a life may be at risk: t3",), warnings=("old",))
    emit(result, Options(quiet=True), command="run")
    assert capsys.readouterr() == ("", "triage: a life may be at risk: t3\n")
    emit(result, Options(quiet=True, json=True), command="run")
    assert json.loads(capsys.readouterr().out)["warnings"] == ["a life may be at risk: t3", "old"]


def test_the_text_is_rendered_only_if_people_look(capsys: pytest.CaptureFixture[str]) -> None:
    def never(page: Page) -> str:
        raise AssertionError(page)

    emit(Result(data=1, text=never), Options(json=True), command="x")
    assert json.loads(capsys.readouterr().out)["data"] == 1


EMIT = """
import sys
from triage.cli.output import *
from triage.errors import TriageError
try:
    emit(Result(text="Grüße " * 20000, data="Grüße"), Options(json={json}), command="x")
except TriageError as error:
    sys.exit(error.exit)
"""


def _python(code: str, stdout: int, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code], stdout=stdout, stderr=subprocess.PIPE, env=env, check=False
    )


def test_a_reader_that_went_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", EMIT.format(json=False)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full (Linux)")
def test_a_full_disk_is_a_write_error() -> None:
    with Path("/dev/full").open("w") as full:
        done = _python(EMIT.format(json=False), full.fileno())
    assert (done.returncode, done.stderr) == (Exit.CANNOT_WRITE, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_utf8_and_text_is_printable_whatever_the_locale(encoding: str) -> None:
    done = _python(EMIT.format(json=True), subprocess.PIPE, PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout.decode("utf-8"))["data"] == "Grüße"
    done = _python(EMIT.format(json=False), subprocess.PIPE, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith("Grüße".encode(encoding, "replace"))


def test_an_instant_in_utc_keeps_its_seconds() -> None:
    assert jsonable(datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)) == "2026-01-01T00:00:05Z"
