"""An IMAP server that says exactly what a test scripts, for what no real server would say.

    script = {"EXAMINE": EXAMINED, "UID FETCH": [b"* 1 FETCH (UID 7 BODY[] NIL)"]}
    with ScriptedServer(script) as server:
        ... connect to 127.0.0.1:server.port ...
        server.heard            the command lines received, without their tags

A script maps a command ("LOGIN", "UID FETCH" ...) to the lines sent before its tagged OK. A line
that starts with `tagged ` replaces that OK ("tagged NO [LIMIT] ..."), CLOSE closes the connection,
and a callable gives the lines for the command's text. Commands without script get a bare OK.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

CLOSE = b"<close>"
EXAMINED: Sequence[bytes] = (
    b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
    b"* 3 EXISTS",
    b"* 0 RECENT",
    b"* OK [UIDVALIDITY 42] UIDs valid",
    b"* OK [UIDNEXT 10] Predicted next UID",
)

Answer = Sequence[bytes] | Callable[[str], Sequence[bytes]]


class ScriptedServer:
    """Serves one connection after the other from a script, on 127.0.0.1:`port`."""

    def __init__(
        self,
        script: Mapping[str, Answer],
        *,
        greeting: bytes = b"* OK ready",
        capabilities: bytes = b"IMAP4rev1 UIDPLUS",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script = {"CAPABILITY": (b"* CAPABILITY " + capabilities,), "EXAMINE": EXAMINED, **script}
        self.greeting = greeting
        self.tls = tls  # what STARTTLS switches to
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._listener, self._connection):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                self._connection, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._converse(self._connection)
            self._connection.close()

    def _converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(self.greeting + b"\r\n")
        lines = connection.makefile("rb")
        while line := lines.readline():
            tag, _, command = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
            self.heard.append(command)
            if literal := re.search(r"\{(\d+)\}$", command):
                connection.sendall(b"+ go on\r\n")
                lines.read(int(literal[1]) + 2)
            words = command.upper().split()
            name = " ".join(words[:2] if words[:1] == ["UID"] else words[:1])
            if not self._answer(connection, tag, command, self.script.get(name, ()), lines.readline):
                return
            if name == "STARTTLS" and self.tls:
                lines.close()
                self._connection = connection = self.tls.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
            if name == "LOGOUT":
                connection.sendall(b"* BYE\r\n" + tag.encode() + b" OK bye\r\n")
                return

    def _answer(
        self,
        connection: socket.socket,
        tag: str,
        command: str,
        answer: Answer,
        listen: Callable[[], bytes],
    ) -> bool:
        closing = b"OK done"
        for line in answer(command) if callable(answer) else answer:
            if line == CLOSE:
                return False
            if line.startswith(b"tagged "):
                closing = line.removeprefix(b"tagged ")
                continue
            connection.sendall(line + b"\r\n")
            if line.startswith(b"+"):
                self.heard.append(listen().decode("utf-8", "replace").rstrip("\r\n"))
        connection.sendall(tag.encode() + b" " + closing + b"\r\n")
        return True
