"""The wire under `intake.imap`: dialling, TLS, login, and every read and write under a time bound.

dial(login, secret, bounds) -> Client        logged in, or one of triage.errors
"""

from __future__ import annotations

import imaplib
import ipaddress
import logging
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from imapclient import IMAPClient
from imapclient.datetime_util import format_criteria_date, parse_to_datetime
from imapclient.imap_utf7 import decode as decode_name
from imapclient.response_parser import parse_response

from triage.errors import ConfigError, LoginError, ProtocolError, TriageError
from triage.intake.imap_bounds import Bounds
from triage.intake.imap_errors import GARBAGE, Refused, translate

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from triage.intake.imap import Login

LINE_BYTES = 1_000_000  # imaplib's own limit for one line
PACKET = 65_536

# imapclient logs whole messages at DEBUG: no setting of ours may ever turn that on.
logging.getLogger("imapclient").setLevel(logging.WARNING)


def dial(login: Login, secret: str, bounds: Bounds) -> Client:
    """Connects and logs in. Certificates are always verified; plaintext goes to loopback only."""
    if login.security == "none" and not _is_loopback(login.host):
        raise ConfigError(
            f'{login.host}: security = "none" would send the password in clear text',
            hint='use security = "tls" (port 993) or "starttls"; "none" is for loopback only',
        )
    if any(c in value for value in (login.username, secret) for c in "\r\n\0"):
        raise ConfigError(
            f"{login.username!r} at {login.host}: user name or password holds a line break or NUL",
            hint="a password file or command may end in one line break, not hold one",
        )
    context = None if login.security == "none" else _context(login.ca_file)
    client: Client | None = None
    try:
        client = Client(login.host, login.port, bounds, context, starttls=login.security == "starttls")
        client.authenticate(login.username, secret, oauth=login.oauth)
        client.introduce()
    except BaseException as error:
        if client is not None:
            client.hang_up()
        failure = translate(error, bounds)
        if failure is None or failure is error:
            raise
        raise failure from error
    return client


class _Stream(imaplib.IMAP4):
    """imaplib's protocol over a socket whose every wait is bounded.

    `read`, `readline`, `send` and `_create_socket` are imaplib's overridable methods.
    """

    def __init__(self, host: str, port: int, bounds: Bounds, context: ssl.SSLContext | None) -> None:
        self._bounds = bounds
        self._context = context
        self._buffer = bytearray()
        self._buffered: socket.socket | None = None
        super().__init__(host, port)

    def _log(self, line: str) -> None:
        """Keeps nothing: imaplib remembers its last commands, LOGIN with the password among them."""

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        del timeout  # imaplib's; the bounds say more
        sock = self._reach()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each APPEND waits 40 ms
        if self._context is None:
            return sock
        try:
            sock.settimeout(self._bounds.patience())
            return self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def _reach(self) -> socket.socket:
        """Connects to the first address that answers; each gets its share of the time."""
        addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        failure = OSError("the name has no address")
        for untried, (family, kind, protocol, _, address) in zip(
            range(len(addresses), 0, -1), addresses, strict=True
        ):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._bounds.patience() / untried)
                sock.connect(address)
            except OSError as error:
                failure = error
                sock.close()
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure

    def read(self, size: int) -> bytes:
        self._bounds.receive(size)
        while len(self._pending()) < size:
            self._fill()
        return self._take(size)

    def readline(self) -> bytes:
        seen = 0
        while (end := self._pending().find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > LINE_BYTES:
                raise self.abort(f"unexpected response: a line of more than {LINE_BYTES} octets")
            self._fill()
        self._bounds.receive(end + 1)
        return self._take(end + 1)

    def send(self, data: Buffer) -> None:
        rest = memoryview(data)
        while rest:
            self.sock.settimeout(self._bounds.patience())
            try:
                rest = rest[self.sock.send(rest[:PACKET]) :]
            except TimeoutError:  # imaplib would make a nameless error of it
                raise self._bounds.silent() from None

    def _pending(self) -> bytearray:
        if self._buffered is not self.sock:
            # After STARTTLS: what came in clear text before it is not the server's word (CVE-2011-0411).
            self._buffered = self.sock
            self._buffer.clear()
        return self._buffer

    def _fill(self) -> None:
        self.sock.settimeout(self._bounds.patience())
        packet = self.sock.recv(PACKET)
        if not packet:
            raise self.abort("the connection was closed")
        self._buffer += packet

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class Client(IMAPClient):  # type: ignore[misc]  # imapclient comes without types
    """imapclient over a bounded stream, with the few commands that it lacks."""

    def __init__(
        self, host: str, port: int, bounds: Bounds, context: ssl.SSLContext | None, *, starttls: bool
    ) -> None:
        self._bounds = bounds
        self._stream_context = None if starttls else context
        super().__init__(host, port, ssl=self._stream_context is not None)
        self._imap.debug = 0  # else imaplib formats every line for a log that nobody keeps
        self.normalise_times = False
        if not starttls:
            return
        try:
            if self._imap.state != "NONAUTH" or not self.has_capability("STARTTLS"):
                raise ProtocolError(
                    f"{bounds.where}: the server offers no STARTTLS, so nothing more was said to it",
                    hint='use security = "tls" with port 993, or ask whether somebody tampers with the line',
                )
            bounds.start("secure the connection (STARTTLS)")
            self.starttls(context)
        except BaseException:
            self.hang_up()
            raise

    def _create_IMAP4(self) -> _Stream:  # imapclient's own hook
        return _Stream(self.host, self.port, self._bounds, self._stream_context)

    def authenticate(self, username: str, secret: str, *, oauth: bool) -> None:
        """Logs in. Errors never quote the secret, even where the server does."""
        self._bounds.start("log in")
        try:
            if self._imap.state != "NONAUTH":
                raise ProtocolError(
                    f"{self._bounds.where}: already logged in (PREAUTH), nobody knows as whom"
                )
            if oauth:
                self._bearer(username, secret)
            elif self.has_capability("LOGINDISABLED") or not (username + secret).isascii():
                self.plain_login(username, secret)
            else:
                self._imap.login(_quoted(username), secret)
        except Exception as error:
            failure = translate(error, self._bounds, refused=LoginError, hide=secret)
            if failure is None:
                raise
            raise failure from None  # the cause may hold the secret

    def _bearer(self, username: str, token: str) -> None:
        """XOAUTH2, or OAUTHBEARER (RFC 7628) where the server offers only that."""
        plain_bearer = self.has_capability("AUTH=OAUTHBEARER") and not self.has_capability("AUTH=XOAUTH2")
        if plain_bearer:
            identity = username.replace("=", "=3D").replace(",", "=2C")
            first, last = f"n,a={identity},\1auth=Bearer {token}\1\1", "\1"
        else:
            first, last = f"user={username}\1auth=Bearer {token}\1\1", ""
        complaint = ""

        def respond(challenge: bytes) -> bytes:
            nonlocal complaint
            if not challenge:
                return first.encode()
            complaint = challenge.decode("utf-8", "replace")  # JSON; the NO comes after our reply
            return last.encode()

        try:
            self._imap.authenticate("OAUTHBEARER" if plain_bearer else "XOAUTH2", respond)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Refused(f"{error} {complaint}") from None

    def introduce(self) -> None:
        """Learns what the server can do now, and says who we are (RFC 2971; some servers insist)."""
        self._bounds.start("ask for capabilities")
        self.capabilities()
        if self.has_capability("ID"):
            with suppress(Refused):
                self._ask("ID", '("name" "triage")')

    def mailbox_names(self) -> list[tuple[frozenset[str], str]]:
        """Every selectable mailbox with its attributes, lower-cased: RFC 6154's \\drafts, \\sent, ...

        Plain LIST tells the special uses on most servers; the others are asked for them.
        """
        listed = _mailbox_list(self._ask("LIST", '""', "*"))
        if self.has_capability("SPECIAL-USE") and not any("\\drafts" in uses for uses, _ in listed):
            with suppress(Refused):
                listed = _mailbox_list(self._ask("LIST", '""', "*", "RETURN (SPECIAL-USE)")) or listed
        return [(uses, name) for uses, name in listed if not uses & {"\\noselect", "\\nonexistent"}]

    def _ask(self, command: str, *words: str) -> list[Any]:
        """The untagged answers to a command. Raises Refused for a NO, and for a BAD (not known here)."""
        try:
            status, rows = self._imap._simple_command(command, *words)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Refused(str(error)) from error
        if status != "OK":
            raise Refused(_text(rows))
        return [row for row in self._imap._untagged_response(status, rows, command)[1] if row]

    def fetch_records(self, uids: Sequence[int], wanted: str) -> dict[int, dict[bytes, Any]]:
        """UID FETCH: what the server said about each of `uids`, keys upper-case, by uid.

        imapclient's own fetch files an unsolicited FETCH without UID under its sequence number,
        where it may overwrite the flags of another message. Here whatever names no uid is left out.
        """
        status, rows = self._imap.uid("FETCH", ",".join(map(str, uids)), wanted)
        if status != "OK":
            raise Refused(_text(rows))
        parsed = parse_response(rows)
        records: dict[int, dict[bytes, Any]] = {}
        asked = set(uids)
        for _, pairs in zip(parsed[::2], parsed[1::2], strict=True):
            record = {key.upper(): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}
            uid = record.get(b"UID")
            if uid in asked:
                records.setdefault(uid, {}).update(record)
        return records

    def search_uids(self, criteria: str) -> set[int]:
        """UID SEARCH; an answer in several lines, or with a MODSEQ behind it, is understood."""
        status, rows = self._imap.uid("SEARCH", criteria)
        if status != "OK":
            raise Refused(_text(rows))
        return {int(n) for row in rows if row for n in row.partition(b"(")[0].split()}

    def log_out(self) -> None:
        """Says goodbye, for a second at most. Never fails."""
        with suppress(TriageError, OSError, imaplib.IMAP4.error, *GARBAGE):
            self._bounds.start("log out", within=1.0)
            self.logout()

    def hang_up(self) -> None:
        """Closes the socket without a word. Never fails."""
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.shutdown()


def internal_date(value: object) -> datetime | None:
    """An INTERNALDATE as an aware datetime in UTC, or None where the server gave no usable one."""
    if not isinstance(value, bytes):
        return None
    try:
        when = parse_to_datetime(value, normalise=False)
        return cast(datetime, when).replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def search_date(day: date) -> str:
    """A date as SEARCH wants it, whatever the locale: 05-Mar-2024."""
    return cast(bytes, format_criteria_date(day)).decode("ascii")


def flags(value: object) -> frozenset[str]:
    """FLAGS as text; system flags in RFC 9051's spelling (\\Answered), however the server writes them.

    \\Recent is left out: it is about the session, not about the message.
    """
    named = frozenset(_flag(flag) for flag in value) if isinstance(value, tuple) else frozenset()
    return named - {"\\Recent"}


def _flag(flag: object) -> str:
    """A flag's name; the parser takes the keywords NIL and 123 for what they are elsewhere."""
    name = (
        flag.decode("utf-8", "replace") if isinstance(flag, bytes) else str("NIL" if flag is None else flag)
    )
    return "\\" + name[1:].capitalize() if name.startswith("\\") else name


def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"ca_file {ca_file}: {error}", hint="it must be a readable PEM file") from error
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mailbox_list(rows: list[Any]) -> list[tuple[frozenset[str], str]]:
    """LIST answers (attributes, delimiter, name) as lower-cased attributes and the decoded name."""
    parsed = parse_response(rows)
    listed = []
    for attributes, _, name in zip(*[iter(parsed)] * 3, strict=True):
        with suppress(UnicodeError):  # no modified UTF-7: such a mailbox cannot be named, nor opened
            readable = decode_name(name) if isinstance(name, bytes) else str(name)
            listed.append((frozenset(_flag(attribute).lower() for attribute in attributes), readable))
    return listed


def _text(rows: Sequence[object]) -> str:
    last = rows[-1] if rows else b""
    return last.decode("utf-8", "replace") if isinstance(last, bytes) else str(last)
