"""Connecting and logging in: what is refused, how it is named, and that no secret ever shows."""

from __future__ import annotations

import logging
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.dovecot import PASSWORD, Certificates, Desk, DovecotServer
from servers.scripted import CLOSE, ScriptedServer
from triage.errors import (
    CertificateError,
    ConfigError,
    Exit,
    LoginError,
    NetworkError,
    ProtocolError,
    TriageError,
)
from triage.intake.imap import ImapSource, Login

SECRET = "s3cr3t-of-the-desk"


def minute() -> float:
    return 60.0


def scripted_login(server: ScriptedServer, **changes: object) -> Login:
    fields: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "desk",
        "secret": lambda: SECRET,
    }
    return Login(**(fields | changes))  # type: ignore[arg-type]  # a test's free choice of fields


def refusal(login: Login) -> TriageError:
    with pytest.raises(TriageError) as caught:
        ImapSource(login, deadline=minute).connect()
    shown = "".join(traceback.format_exception(caught.value)) + repr(login) + caught.value.hint
    assert SECRET not in shown
    return caught.value


@pytest.mark.dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_private_ca_is_trusted_once_it_is_named(
    dovecot: Desk, dovecot_server: DovecotServer, ca_file: Path, security: str
) -> None:
    port = dovecot_server.tls_port if security == "tls" else dovecot_server.port
    login = dovecot.login(host="localhost", port=port, security=security, ca_file=str(ca_file))
    with ImapSource(login, deadline=minute) as source:
        assert source.examine("INBOX").exists == 0


@pytest.mark.dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_certificate_is_refused(
    dovecot: Desk, dovecot_server: DovecotServer, security: str
) -> None:
    port = dovecot_server.tls_port if security == "tls" else dovecot_server.port
    error = refusal(dovecot.login(host="localhost", port=port, security=security))
    assert isinstance(error, CertificateError)
    assert error.exit == Exit.PROTOCOL


@pytest.fixture(scope="module")
def other_host(needs_dovecot: None, certificates: Certificates) -> Iterator[DovecotServer]:
    with DovecotServer(certificate=certificates.wrong_host) as server:
        yield server


@pytest.mark.dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_for_another_host_is_refused(
    other_host: DovecotServer, ca_file: Path, security: str
) -> None:
    port = other_host.tls_port if security == "tls" else other_host.port
    login = other_host.new_user().login(host="localhost", port=port, security=security, ca_file=str(ca_file))
    error = refusal(login)
    assert isinstance(error, CertificateError)
    assert "ostname mismatch" in error.message


@pytest.mark.dovecot
def test_a_wrong_password_is_a_refused_login_and_is_not_shown(
    dovecot: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = refusal(dovecot.login(secret=lambda: SECRET))
    assert isinstance(error, LoginError)
    assert error.exit == Exit.LOGIN
    assert dovecot.username in error.message
    assert SECRET not in caplog.text


@pytest.mark.dovecot
def test_a_right_password_and_the_mail_never_reach_a_log(
    dovecot: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    dovecot.deliver(b"Subject: private\r\n\r\nbetween us\r\n")
    caplog.clear()
    with ImapSource(dovecot.login(), deadline=minute) as source:
        assert len(list(source.fetch("INBOX", [(1, 32)], message_bytes=1000))) == 1
        assert PASSWORD not in repr(vars(source))
    assert "between us" not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.dovecot
@pytest.mark.parametrize("password", ['quo"ted\\slash', "grüße-£5", "percent%s{0}"])
def test_a_password_may_hold_any_character(needs_dovecot: None, password: str) -> None:
    with (
        DovecotServer(password=password) as server,
        ImapSource(server.new_user().login(), deadline=minute) as source,
    ):
        assert source.mailboxes().drafts == "Drafts"


@pytest.mark.dovecot
def test_too_many_connections_are_a_matter_of_the_moment(needs_dovecot: None) -> None:
    with DovecotServer(connections=1) as server:
        desk = server.new_user()
        with desk.client() as held:
            held.noop()
            error = refusal(desk.login())
    assert isinstance(error, NetworkError)
    assert error.exit == Exit.TRY_AGAIN


def test_plaintext_is_refused_beyond_loopback_before_anything_is_sent() -> None:
    error = refusal(Login(host="mail.example.org", security="none", username="desk", secret=lambda: SECRET))
    assert isinstance(error, ConfigError)


@pytest.mark.parametrize("secret", ["two\r\nlines", "a\0b", "x\nA1 CREATE p"])
def test_a_secret_with_a_line_break_never_reaches_the_server(secret: str) -> None:
    with ScriptedServer({}) as server:
        assert isinstance(refusal(scripted_login(server, secret=lambda: secret)), ConfigError)
        assert server.heard == []


@pytest.mark.parametrize(
    ("greeting", "capabilities"),
    [(b"* OK ready", b"IMAP4rev1"), (b"* PREAUTH welcome", b"IMAP4rev1 STARTTLS")],
)
def test_a_server_stripped_of_starttls_hears_no_login(greeting: bytes, capabilities: bytes) -> None:
    with ScriptedServer({}, greeting=greeting, capabilities=capabilities) as server:
        error = refusal(scripted_login(server, security="starttls"))
        assert isinstance(error, ProtocolError)
        assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in server.heard)


def test_a_refused_starttls_ends_the_talk() -> None:
    script = {"STARTTLS": [b"tagged NO not today"]}
    with ScriptedServer(script, capabilities=b"IMAP4rev1 STARTTLS") as server:
        assert isinstance(refusal(scripted_login(server, security="starttls")), TriageError)
        assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in server.heard)


def test_what_is_slipped_in_before_tls_is_not_believed(
    needs_dovecot: None, certificates: Certificates
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificates.good)
    script = {"STARTTLS": [b"tagged OK begin\r\n* BYE slipped in"]}
    with ScriptedServer(script, capabilities=b"IMAP4rev1 STARTTLS", tls=tls) as server:
        login = scripted_login(server, security="starttls", ca_file=str(certificates.ca))
        with ImapSource(login, deadline=minute) as source:
            assert source.examine("INBOX").exists == 3
        assert server.heard.index("STARTTLS") < server.heard.index(f'LOGIN "desk" "{SECRET}"')


def test_a_session_that_is_logged_in_already_is_not_trusted() -> None:
    with ScriptedServer({}, greeting=b"* PREAUTH welcome") as server:
        assert isinstance(refusal(scripted_login(server)), ProtocolError)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (b"tagged NO [AUTHENTICATIONFAILED] wrong", LoginError, "login_refused"),
        (b"tagged NO you said " + SECRET.encode(), LoginError, "login_refused"),
        (
            b"tagged NO [AUTHENTICATIONFAILED] Temporarily locked, try again later",
            LoginError,
            "login_refused",
        ),
        (b"tagged NO [EXPIRED] change your password", LoginError, "login_refused"),
        (b"tagged NO [UNAVAILABLE] the directory is down", NetworkError, "network"),
        (b"tagged NO [INUSE] busy", NetworkError, "network"),
        (b"tagged NO [LIMIT] Maximum number of connections", NetworkError, "network"),
        (b"tagged NO [ALERT] Too many simultaneous connections. (Failure)", NetworkError, "network"),
        (b"tagged BAD LOGIN desk " + SECRET.encode(), ProtocolError, "protocol"),
        (b"* BYE AccessTokenExpired", LoginError, "oauth_expired"),
        (b"* BYE going down", NetworkError, "network"),
        (CLOSE, NetworkError, "network"),
    ],
)
def test_each_refusal_of_a_login_has_its_meaning(answer: bytes, kind: type[TriageError], code: str) -> None:
    with ScriptedServer({"LOGIN": [answer, *([CLOSE] if answer.startswith(b"* BYE") else [])]}) as server:
        error = refusal(scripted_login(server))
    assert type(error) is kind
    assert error.code == code


def test_an_expired_access_token_is_named_as_such() -> None:
    # base64 of {"status":"401","schemes":"bearer"}
    challenge = b"+ eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIn0="
    script = {"AUTHENTICATE": [b"+ ", challenge, b"tagged NO AUTHENTICATE failed."]}
    with ScriptedServer(script, capabilities=b"IMAP4rev1 AUTH=XOAUTH2") as server:
        error = refusal(scripted_login(server, oauth=True))
        assert server.heard[-1] == ""  # the challenge is answered by an empty line, not by the token again
    assert isinstance(error, LoginError)
    assert error.code == "oauth_expired"


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2", b"HTTP/1.1 400 Bad Request", b"\x16\x03\x01\xff"]
)
def test_another_kind_of_server_is_a_broken_protocol(greeting: bytes) -> None:
    with ScriptedServer({}, greeting=greeting) as server:
        assert type(refusal(scripted_login(server))) is ProtocolError


def test_a_greeting_of_goodbye_is_a_matter_of_the_moment() -> None:
    with ScriptedServer({}, greeting=b"* BYE too busy") as server:
        assert type(refusal(scripted_login(server))) is NetworkError


def test_a_plain_port_asked_for_tls_is_explained() -> None:
    with ScriptedServer({}) as server:
        error = refusal(scripted_login(server, security="tls"))
    assert type(error) is ProtocolError
    assert "starttls" in error.hint


def test_a_missing_ca_file_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with ScriptedServer({}) as server:
        error = refusal(scripted_login(server, security="tls", ca_file=str(tmp_path / "none.pem")))
    assert type(error) is ConfigError


def test_a_closed_port_is_a_matter_of_the_moment() -> None:
    with ScriptedServer({}) as server:
        login = scripted_login(server)
    assert type(refusal(login)) is NetworkError


def test_the_secret_is_asked_for_at_every_connection() -> None:
    asked: list[int] = []

    def secret() -> str:
        asked.append(1)
        return SECRET

    with ScriptedServer({}) as server:
        source = ImapSource(scripted_login(server, secret=secret), deadline=minute)
        assert asked == []
        source.connect()
        source.connect()
        source.close()
    assert len(asked) == 2
