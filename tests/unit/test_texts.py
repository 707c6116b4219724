"""Texts are found, laid out and cleaned as the templates' authors expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage import texts
from triage.errors import ConfigError


def test_a_template_may_break_its_lines_anywhere() -> None:
    source = "One sentence\n  and another.\n\n\nThe points:\n- one\n- two\n   \nEnd."
    assert texts.flow(source) == "One sentence and another.\n\nThe points:\n- one\n- two\n\nEnd."


def test_an_entry_hangs_beside_its_label_and_is_cut() -> None:
    assert texts.entry("a b c d e f g", "Label", 2, width=16) == "Label      a b c\n           d e …"


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x9b", "\u202e", "\u2028", "\ud800", "\ufeff", "\xad"])
def test_plain_text_has_no_character_that_steers_a_reader(odd: str) -> None:
    assert texts.plain(f"a{odd}b\r\nc") == "a b\nc"


def test_letters_of_every_script_stay() -> None:
    text = "Nguyễn Đăng, Łódź, 下書き, नमस्ते, שלום, 👍"
    assert texts.plain(text) == text


def test_the_teams_file_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording" / "en.toml").write_text('[reply]\nattribution = "mine"\n', encoding="utf-8")
    assert texts.wording("en", team_folder=str(tmp_path))["reply"] == {"attribution": "mine"}
    assert texts.playbook("en", team_folder=str(tmp_path)) == texts.playbook("en")


def test_faults_of_files_are_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording" / "en.toml").write_text("not toml", encoding="utf-8")
    (tmp_path / "wording" / "de.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"wording/en\.toml"):
        texts.wording("en", team_folder=str(tmp_path))
    with pytest.raises(ConfigError, match="not UTF-8"):
        texts.wording("de", team_folder=str(tmp_path))
    with pytest.raises(ConfigError, match=r"no template wording/xx\.toml"):
        texts.wording("xx")
    with pytest.raises(ConfigError, match="no name of a template"):
        texts.read("/etc/passwd")
