"""One tree of errors. Each carries its exit code, a stable code word and a hint.

Exit codes follow BSD's sysexits.h where it has one; docs/reference/exit-codes.md is
generated from this module.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Every exit code of `triage`, in one place."""

    OK = 0
    FOUND = 1
    USAGE = 64
    DATA = 65
    MISSING = 66
    STATE = 69
    BUG = 70
    CANNOT_WRITE = 73
    TRY_AGAIN = 75
    PROTOCOL = 76
    LOGIN = 77
    CONFIG = 78
    INTERRUPTED = 130


MEANING: dict[Exit, str] = {
    Exit.OK: "done",
    Exit.FOUND: "a check found something (verify, promises list --check, check)",
    Exit.USAGE: "the command line is wrong",
    Exit.DATA: "bad input, or messages newly quarantined",
    Exit.MISSING: "no such ticket, message, draft or mailbox",
    Exit.STATE: "a lost lease, or a transition that the state forbids",
    Exit.BUG: "a bug in triage",
    Exit.CANNOT_WRITE: "cannot write (store, file, Drafts)",
    Exit.TRY_AGAIN: "try again later: network, busy (from cron only once it has lasted alerts.after)",
    Exit.PROTOCOL: "the mail server broke the protocol",
    Exit.LOGIN: "the mail server refused the login",
    Exit.CONFIG: "the configuration is wrong, or the store has a newer schema",
    Exit.INTERRUPTED: "interrupted",
}

# Of several accounts all are run; the first of these that is present is the exit code.
WORST_FIRST = (
    Exit.BUG,
    Exit.CONFIG,
    Exit.LOGIN,
    Exit.PROTOCOL,
    Exit.CANNOT_WRITE,
    Exit.TRY_AGAIN,
    Exit.DATA,
)


class TriageError(Exception):
    """Base of all errors that a user is meant to read. `hint` says what to do next."""

    exit = Exit.BUG
    code = "bug"

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code:
            self.code = code

    def __str__(self) -> str:
        return self.message


class UsageError(TriageError):
    exit, code = Exit.USAGE, "usage"


class InputError(TriageError):
    """A file or value given by the user cannot be used."""

    exit, code = Exit.DATA, "bad_input"


class NotFoundError(TriageError):
    exit, code = Exit.MISSING, "not_found"


class StateError(TriageError):
    """The state of a ticket or draft forbids this."""

    exit, code = Exit.STATE, "state"


class LostLeaseError(StateError):
    """Somebody else took the ticket over."""

    code = "lost_lease"


class WriteError(TriageError):
    exit, code = Exit.CANNOT_WRITE, "cannot_write"


class NetworkError(TriageError):
    """The server cannot be reached, stopped answering or hung up. May pass by itself."""

    exit, code = Exit.TRY_AGAIN, "network"


class DeadlineError(NetworkError):
    """The run's time is used up."""

    code = "deadline"


class BusyError(TriageError):
    """Somebody else holds the lock or the store."""

    exit, code = Exit.TRY_AGAIN, "busy"


class ProtocolError(TriageError):
    """The server said something that IMAP does not allow."""

    exit, code = Exit.PROTOCOL, "protocol"


class CertificateError(ProtocolError):
    """The server's certificate cannot be trusted: a thing to mend, never to ignore."""

    code = "certificate"


class LoginError(TriageError):
    exit, code = Exit.LOGIN, "login_refused"


class ConfigError(TriageError):
    exit, code = Exit.CONFIG, "config"


class MailboxMissingError(ConfigError):
    """A mailbox that is needed (Drafts, the inbox) is not on the server."""

    code = "mailbox_missing"


class SchemaError(TriageError):
    """The store was written by a newer triage."""

    exit, code = Exit.CONFIG, "newer_schema"
