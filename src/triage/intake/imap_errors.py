"""What goes wrong with a mail server, in the program's terms.

translate(error, bounds, refused=...) -> TriageError | None
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl

from triage.errors import (
    CertificateError,
    LoginError,
    MailboxMissingError,
    NetworkError,
    ProtocolError,
    TriageError,
    WriteError,
)
from triage.intake.imap_bounds import Bounds


class Refused(imaplib.IMAP4.error):
    """The server answered NO: the connection is sound, this one command was refused."""


_PASSING = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\b"
    r"|too many|not connected|backoff|try again later|temporar|bandwidth limit",
    re.IGNORECASE,
)
_FOR_GOOD = re.compile(
    r"\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|NOPERM)\b", re.IGNORECASE
)
_EXPIRED = re.compile(
    r"AccessTokenExpired|token (has |is )?expired|invalid_token|\"status\"\s{0,9}:\s{0,9}\"40[01]\"",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"unexpected (tagged )?response|unterminated line|command error: BAD|command \w+ illegal"
)
GARBAGE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError)


def will_pass(error: BaseException) -> bool:
    """True for a refusal that is about the moment (busy, limits), not about what was asked."""
    text = str(error)
    return bool(_PASSING.search(text)) and not _FOR_GOOD.search(text)


def translate(
    error: BaseException, bounds: Bounds, *, refused: type[TriageError] = ProtocolError, hide: str = ""
) -> TriageError | None:
    """The error in the program's terms; None for what is no matter of mail (Ctrl-C, a bug).

    `refused` is what a plain NO means to the step (codes: RFC 5530); `hide` is a secret that a
    server's answer might quote.
    """
    if isinstance(error, TriageError):
        return error
    what = f"{bounds.where}: could not {bounds.doing}"
    if isinstance(error, TimeoutError):
        return bounds.silent()
    if isinstance(error, ssl.SSLError):
        return _tls_error(error, what)
    if isinstance(error, socket.gaierror):
        return NetworkError(f"{what}: the host name is not known", hint="check host, and the name service")
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return NetworkError(
            f"{what}: {reason}", hint="the next run tries again; check host and port if it lasts"
        )
    text = str(error)
    text = re.sub(r"^b'(.*)'$", r"\1", text)  # imaplib shows some answers as repr(bytes)
    text = _printable(text.replace(hide, "***") if hide else text)
    if isinstance(error, imaplib.IMAP4.error):
        return _answer_error(error, text, f"{what}: {text}", refused)
    if isinstance(error, GARBAGE):
        return ProtocolError(f"{what}: the server's answer makes no sense ({type(error).__name__}: {text})")
    return None


def _answer_error(
    error: imaplib.IMAP4.error, text: str, said: str, refused: type[TriageError]
) -> TriageError:
    if _EXPIRED.search(text):
        return LoginError(said, hint="get a new access token (oauth2)", code="oauth_expired")
    if _BROKEN.search(text) or type(error).__name__ == "ProtocolError":
        return ProtocolError(said, hint="is this the IMAP port, and is the server healthy?")
    if isinstance(error, imaplib.IMAP4.abort) or text.startswith("* BYE"):
        return NetworkError(said, hint="the server hung up; the next run tries again")
    if "[TRYCREATE]" in text or "[NONEXISTENT]" in text:
        return MailboxMissingError(said, hint="name a mailbox that exists; triage makes none")
    if will_pass(error):
        return NetworkError(said, hint="the server is busy or limits us; the next run tries again")
    return refused(said, hint=_HINTS.get(refused, ""))


_HINTS: dict[type[TriageError], str] = {
    LoginError: "check username and password (many providers want an app password or oauth2)",
    MailboxMissingError: "`triage check` shows which mailboxes the server has",
    WriteError: "nothing was written; the server's words say why",
    ProtocolError: "the server refuses what every IMAP server must do: is it healthy?",
}


def _tls_error(error: ssl.SSLError, what: str) -> TriageError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateError(
            f"{what}: the certificate is not to be trusted: {_printable(error.verify_message)}",
            hint="connect by the name in the certificate; for a private CA set ca_file",
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NetworkError(f"{what}: the connection was closed", hint="the next run tries again")
    return ProtocolError(
        f"{what}: no TLS with this server ({error.reason or error})",
        hint='is this the TLS port (993)? For port 143 use security = "starttls"',
    )


def _printable(text: str) -> str:
    """Server text made safe to print: no control characters, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in text[:300])
