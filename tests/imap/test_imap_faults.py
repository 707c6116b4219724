"""Bad networks: cut, stalled and dripping connections end in time, as one clear error."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from servers.dovecot import Desk
from servers.proxy import Proxy
from triage.errors import DeadlineError, NetworkError, ProtocolError, TriageError
from triage.intake.imap import ImapSource

pytestmark = pytest.mark.dovecot


def countdown(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def one_pass(desk: Desk, port: int, *, seconds: float = 20.0, step_timeout: float = 5.0) -> list[int]:
    login = desk.login(port=port, host="127.0.0.1")
    with ImapSource(login, deadline=countdown(seconds), step_timeout=step_timeout) as source:
        names = source.mailboxes()
        source.examine(names.inbox)
        uids = source.uids_after(names.inbox, 0)
        sizes = [(e.uid, e.size) for e in source.envelopes(names.inbox, uids, fields=["Subject"])]
        return [raw.ref.uid for raw in source.fetch(names.inbox, sizes, message_bytes=100_000)]


def test_a_cut_at_any_octet_is_a_named_error(dovecot: Desk) -> None:
    dovecot.deliver(b"Subject: one\r\n\r\nfirst\r\n", b"Subject: two\r\n\r\nsecond\r\n")
    with Proxy(dovecot.server.port) as proxy:
        assert one_pass(dovecot, proxy.port) == [1, 2]
        whole = proxy.from_server
        # The last octets are the answer to LOGOUT; Dovecot tells times in its answers, so that they vary.
        for cut in range(0, whole - 160, 37):
            proxy.faults.cut_after = cut
            with pytest.raises(TriageError) as caught:
                one_pass(dovecot, proxy.port)
            assert isinstance(caught.value, NetworkError | ProtocolError), cut
            assert not isinstance(caught.value, DeadlineError)


def test_a_silent_server_is_given_up_after_the_step_time(dovecot: Desk) -> None:
    with Proxy(dovecot.server.port) as proxy:
        for stall in (0, 30, 300):
            proxy.faults.stall_after = stall
            start = time.monotonic()
            with pytest.raises(NetworkError, match="timed out"):
                one_pass(dovecot, proxy.port, step_timeout=0.3)
            assert time.monotonic() - start < 3


def test_a_silent_server_is_given_up_at_the_deadline(dovecot: Desk) -> None:
    with Proxy(dovecot.server.port, stall_after=0) as proxy:
        start = time.monotonic()
        with pytest.raises(DeadlineError):
            one_pass(dovecot, proxy.port, seconds=0.4, step_timeout=30)
        assert 0.3 < time.monotonic() - start < 3


def test_a_dripping_server_cannot_outlast_the_deadline(dovecot: Desk) -> None:
    with Proxy(dovecot.server.port, drip=0.05) as proxy:
        start = time.monotonic()
        with pytest.raises(DeadlineError):
            one_pass(dovecot, proxy.port, seconds=0.6, step_timeout=30)
        assert time.monotonic() - start < 3


def test_a_dripping_server_cannot_outlast_one_step(dovecot: Desk) -> None:
    with Proxy(dovecot.server.port, drip=0.05) as proxy:
        start = time.monotonic()
        with pytest.raises(NetworkError, match="timed out"):
            one_pass(dovecot, proxy.port, seconds=30, step_timeout=0.4)
        assert time.monotonic() - start < 3


def test_a_handshake_that_stalls_is_given_up_at_the_deadline(dovecot: Desk) -> None:
    with Proxy(dovecot.server.tls_port, stall_after=40) as proxy:
        login = dovecot.login(port=proxy.port, security="tls", host="localhost")
        with pytest.raises(DeadlineError):
            ImapSource(login, deadline=countdown(0.4)).connect()


def test_a_slow_but_steady_network_is_good_enough(dovecot: Desk) -> None:
    dovecot.deliver(*(b"Subject: x\r\n\r\nbody\r\n" for _ in range(30)))
    with Proxy(dovecot.server.port, latency=0.02) as proxy:
        assert len(one_pass(dovecot, proxy.port, step_timeout=1.0)) == 30


def test_no_step_is_begun_after_the_deadline(dovecot: Desk) -> None:
    left = [60.0]
    with ImapSource(dovecot.login(), deadline=lambda: left[0]) as source:
        source.examine("INBOX")
        left[0] = 0.0
        with pytest.raises(DeadlineError):
            source.uids_after("INBOX", 0)


def test_after_an_error_a_new_connection_works(dovecot: Desk) -> None:
    dovecot.deliver(b"Subject: one\r\n\r\nfirst\r\n")
    with Proxy(dovecot.server.port) as proxy:
        source = ImapSource(dovecot.login(port=proxy.port), deadline=countdown(20))
        source.connect()
        proxy.faults.cut_after = 0
        with pytest.raises(NetworkError):
            source.examine("INBOX")
        with pytest.raises(NetworkError, match="not connected"):
            source.uids_after("INBOX", 0)
        proxy.faults.cut_after = None
        source.connect()
        assert source.uids_after("INBOX", 0) == (1,)
        source.close()


def test_a_draft_whose_confirmation_is_lost_is_found_by_its_marker(dovecot: Desk) -> None:
    draft = b"X-M: once\r\nSubject: d\r\n\r\nhello\r\n"
    with Proxy(dovecot.server.port) as proxy:
        source = ImapSource(dovecot.login(port=proxy.port), deadline=countdown(20))
        source.connect()
        state = source.examine("Drafts")
        proxy.faults.cut_before = b"APPENDUID"
        with pytest.raises(NetworkError):
            source.append("Drafts", draft, when=datetime(2024, 1, 1, tzinfo=UTC))
        proxy.faults.cut_before = b""
        source.connect()
        assert source.find_marker("Drafts", header="X-M", marker="once", from_uid=state.uidnext) == 1
        source.close()
    assert len(dovecot.mails("Drafts")) == 1
