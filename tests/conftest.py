"""Fixtures for every test: the servers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import postgres
from servers.dovecot import Certificates, Desk, DovecotServer


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private CA, a certificate for localhost and one for another host."""
    return Certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def needs_dovecot() -> None:
    """Skips where Dovecot (or openssl) is missing; in CI that is a failure."""
    missing = [] if DovecotServer.installed() else ["dovecot"]
    missing += [] if shutil.which("openssl") else ["openssl"]
    if missing:
        why = f"not installed: {', '.join(missing)} (apt-get install dovecot-imapd openssl)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="session")
def dovecot_server(needs_dovecot: None, certificates: Certificates) -> Iterator[DovecotServer]:
    """The session's Dovecot: plain port with STARTTLS, and a TLS port."""
    with DovecotServer(certificate=certificates.good) as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: DovecotServer) -> Desk:
    """A fresh account on the session's Dovecot."""
    return dovecot_server.new_user()


@pytest.fixture
def ca_file(certificates: Certificates) -> Path:
    return certificates.ca


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """The session's PostgreSQL. Skips where it is missing; in CI that is a failure."""
    if missing := postgres.missing():
        why = f"not installed: {', '.join(missing)} (apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with postgres.PostgresServer() as server:
        yield server
