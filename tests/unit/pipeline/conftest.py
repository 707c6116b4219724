"""An office with an empty store and an empty server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from triage.bootstrap import passes
from triage.replies.compose import ReplySettings
from triage.store import Store
from triage.types import Identity
from unit.pipeline.office import OURS, Office
from unit.pipeline.postbox import Postbox


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = replace(
        passes.default_settings(),
        name="support",
        identity=Identity(addresses=frozenset({OURS}), internal_domains=frozenset({"ours.example"})),
        replies=ReplySettings(from_address=OURS),
    )
    with Store.open(tmp_path / "triage.sqlite3") as store:
        yield Office(postbox=Postbox(), store=store, settings=settings)
