"""A fresh team on the session's Dovecot for each end-to-end test."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.team import Team
from servers.dovecot import Desk


@pytest.fixture
def team(dovecot: Desk, tmp_path: Path) -> Team:
    home = tmp_path / "home"
    home.mkdir()
    return Team(dovecot, home)
