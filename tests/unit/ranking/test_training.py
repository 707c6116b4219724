"""Training: the same corpus gives the same weights, and what is shipped was trained on this corpus."""

from __future__ import annotations

import json
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from triage.errors import ConfigError, InputError, NotFoundError
from triage.ranking import model
from triage.ranking.ngrams import bag
from triage.ranking.training import corpus, score, team
from triage.types import Cue, Verdict

ROOT = Path(__file__).parents[3]
TRAINING = ROOT / "training"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two short files."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("inbox-shop", "retail"):
        lines = (TRAINING / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:60]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_the_same_corpus_gives_the_same_weights_bit_for_bit(small: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    figures = score.train(small, first)
    score.train(small, second)
    for name in ("model.toml", "wording.bin"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert set(figures) == {"inbox-shop", "retail"}
    trained = model.weights_in(first)
    calm = model.score((), bag(("", "Where can I find the manual?")), weights=trained)
    grave = model.score((), bag(("", "This is the third time I ask for my refund.")), weights=trained)
    assert grave.score > calm.score
    assert score.train(small, first, leave_out=["retail.jsonl"]).keys() == {"inbox-shop"}


def test_the_shipped_weights_were_trained_on_the_corpus_as_it_is() -> None:
    shipped = tomllib.loads((files("triage.ranking") / "weights" / "model.toml").read_text("utf-8"))
    about = tomllib.loads((TRAINING / "corpus.toml").read_text("utf-8"))
    assert shipped["corpus"] == corpus.digest(TRAINING), "the corpus changed: run make weights"
    assert (shipped["version"], shipped["date"]) == (about["version"], str(about["date"]))
    assert set(shipped["figures"]) == {m.file for m in corpus.read(TRAINING)}


def test_no_sign_of_need_counts_against_a_call_in_the_shipped_weights() -> None:
    weights = model.packaged_weights()
    against = [c.value for c in Cue if weights.of.get(c.value, 0.0) < 0]
    assert against == []
    assert weights.of["abuse"] == 0.0, "rudeness is not need"
    assert weights.of.get("sentiment", 0.0) >= 0


def test_every_line_of_the_corpus_is_labelled_as_the_guide_says() -> None:
    ids: set[str] = set()
    for labelled in corpus.read(TRAINING):
        name = f"{labelled.file} {labelled.id}"
        assert labelled.id not in ids, name
        ids.add(labelled.id)
        low, high = {"call": (50, 100), "reply": (5, 45), "none": (0, 5)}[labelled.verdict]
        assert low <= labelled.priority <= high, name
        assert labelled.cues <= {c.value for c in Cue}, name
        assert labelled.key in labelled.message.new_text, name


def test_a_line_that_is_no_labelled_message_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps({"id": "1"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl:1"):
        corpus.read(tmp_path)
    with pytest.raises(NotFoundError):
        corpus.read(tmp_path / "nowhere")


def test_without_scikit_learn_training_says_what_to_install(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ConfigError) as refused:
        score.train(small, tmp_path)
    assert "triage-desk[train]" in refused.value.hint


def test_too_little_feedback_teaches_nothing(tmp_path: Path) -> None:
    own = [score.see(m) for m in team.labelled([("m1", "Refund", "Where is my refund?", Verdict.CALL)])]
    with pytest.raises(InputError, match="too few"):
        team.compare([], own, present=model.packaged_weights(), scratch=tmp_path)


def test_own_weights_are_installed_and_taken_back(tmp_path: Path) -> None:
    made, into = tmp_path / "made", tmp_path / "weights"
    made.mkdir()
    for version in ("1", "2"):
        (made / "model.toml").write_text(version, encoding="utf-8")
        team.install(made, into)
    assert "former" in team.revert(into)
    assert (into / "model.toml").read_text(encoding="utf-8") == "1"
    assert "shipped" in team.revert(into)
    with pytest.raises(InputError):
        team.revert(into)
