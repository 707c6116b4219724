"""Where an account's password or access token comes from: read when needed, never kept.

A `SecretSource` knows the place and not the secret, so it may be logged and compared;
its repr shows the kind only. `read` is called at each connect.
"""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from triage.errors import ConfigError

COMMAND_SECONDS = 30


class SecretKind(StrEnum):
    ENV = "password_env"
    COMMAND = "password_command"
    FILE = "password_file"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True)
class SecretSource:
    """The one place that holds an account's secret.

    `place` is the variable's name, the file's path, or the command (a shell-like line
    or its words); for `oauth2` it is the command that prints an access token.
    """

    kind: SecretKind
    place: str | tuple[str, ...]

    def __repr__(self) -> str:
        return f"SecretSource({self.kind.value})"

    @property
    def oauth(self) -> bool:
        """True if `read` gives an access token (XOAUTH2, OAUTHBEARER) and not a password."""
        return self.kind is SecretKind.OAUTH2

    def read(self) -> str:
        """The secret. Raises ConfigError, which never quotes what a command or file said."""
        match self.kind:
            case SecretKind.ENV:
                secret = self._from_environment()
            case SecretKind.FILE:
                secret = self._from_file()
            case SecretKind.COMMAND | SecretKind.OAUTH2:
                secret = self._from_command()
        if not secret:
            raise ConfigError(f"{self._where()} is empty")
        return secret

    def concern(self) -> str:
        """A warning about how the secret is kept, or an empty string."""
        if self.kind is not SecretKind.FILE:
            return ""
        try:
            mode = stat.S_IMODE(Path(str(self.place)).stat().st_mode)
        except OSError:
            return ""  # `read` will say so
        others = mode & (stat.S_IRWXG | stat.S_IRWXO)
        return f"{self._where()} can be read by others (mode {mode:04o}): chmod 600 it" if others else ""

    def _where(self) -> str:
        if self.kind in (SecretKind.ENV, SecretKind.FILE):
            return f"{self.kind.value} {self.place}"
        return f"the output of {self.kind.value}"

    def _from_environment(self) -> str:
        try:
            return os.environ[str(self.place)]
        except KeyError:
            raise ConfigError(
                f"the environment variable {self.place} (password_env) is not set",
                hint="cron starts with an almost empty environment: set it in the crontab too",
            ) from None

    def _from_file(self) -> str:
        try:
            with Path(str(self.place)).open(encoding="utf-8") as file:
                return file.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ConfigError(f"cannot read {self._where()}: {why}") from None

    def _from_command(self) -> str:
        hint = "run it by hand, as the user that runs triage"
        try:
            words = list(self.place) if isinstance(self.place, tuple) else shlex.split(self.place)
            process = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except (OSError, ValueError, IndexError) as error:
            why = getattr(error, "strerror", None) or "not a command line"
            raise ConfigError(f"cannot start {self.kind.value}: {why}", hint=hint) from None
        with process:
            try:
                output, _ = process.communicate(timeout=COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise ConfigError(f"{self.kind.value} took over {COMMAND_SECONDS} s", hint=hint) from None
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise ConfigError(f"{self.kind.value} failed with exit status {process.returncode}", hint=hint)
        line = output.partition(b"\n")[0].rstrip(b"\r")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise ConfigError(f"{self._where()} is not UTF-8") from None
