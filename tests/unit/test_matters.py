"""The several matters of a mail are found in its own words."""

from __future__ import annotations

from triage.matters import MOST, listed, matters


def test_a_list_gives_its_points_with_their_continuation_lines() -> None:
    text = "Hello,\n\n1) the door sticks\n2) the key is\n   bent\n\nRegards\nJo"
    assert matters(text) == ("the door sticks", "the key is bent")


def test_several_questions_are_several_matters() -> None:
    text = "Which bay is ours? I looked. Is there a spare key?"
    assert matters(text) == ("Which bay is ours?", "Is there a spare key?")
    assert listed(text) == ()


def test_one_matter_is_no_list() -> None:
    assert matters("Which bay is ours?") == ()
    assert matters("- one point\n\nand prose") == ()


def test_a_pasted_table_is_no_list_of_matters() -> None:
    assert matters("\n".join(f"- row {n}" for n in range(MOST + 1))) == ()


def test_the_same_point_twice_counts_once() -> None:
    assert matters("- one\n- one\n- two") == ("one", "two")
