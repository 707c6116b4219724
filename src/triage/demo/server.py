"""An IMAP server on loopback that lives in memory, for the demo.

    with serve({"help@shop.example": {"INBOX": [mail, …], "Drafts": []}}, password="…") as port: ...

It is pymap's (an extra), run by a thread with an event loop of its own: nothing of it is on disk,
and nothing of it is left when the block ends, however it ends.
"""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from triage.errors import ConfigError, NetworkError

if TYPE_CHECKING:
    from pymap.backend.dict import Config, Login

HOST = "127.0.0.1"
START_SECONDS = 10.0

Accounts = Mapping[str, Mapping[str, Sequence["StoredMail"]]]  # username → mailbox → its mails


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail as it lies on the server. `content` has CRLF line ends."""

    content: bytes
    internal_date: datetime
    flags: frozenset[str] = field(default=frozenset())


@contextmanager
def serve(accounts: Accounts, *, password: str) -> Iterator[int]:
    """Serves the accounts, all with the same password, and gives the port.

    Raises ConfigError if pymap is not installed, NetworkError if the server does not start.
    """
    server = _Server(accounts, password)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


class _Server:
    def __init__(self, accounts: Accounts, password: str) -> None:
        try:
            import pymap.backend.dict  # noqa: F401 - is it there?
        except ImportError:
            raise ConfigError(
                "the demo's mail server is not installed",
                hint="pip install 'triage-desk[demo]'",
                code="missing_extra",
            ) from None
        self._accounts, self._password = accounts, password
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="demo-imap", daemon=True)

    def start(self) -> None:
        self._thread.start()
        came_up = self._up.wait(START_SECONDS)
        if self._fault or not came_up:
            self.stop()
            raise NetworkError(f"the demo's mail server did not start: {self._fault or 'no answer'}")

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._serve())
            except Exception as error:  # told by the thread that waits for the start
                self._fault = error
            finally:
                self._up.set()

    async def _serve(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.imap import IMAPServer

        config, login = await _filled(self._accounts, self._password)
        connected = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
        server = await asyncio.start_server(connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        await self._stop.wait()
        server.close()  # connections that are still open end with the loop


async def _filled(accounts: Accounts, password: str) -> tuple[Config, Login]:
    """pymap's in-memory backend with these accounts in it."""
    from pymap.backend.dict import Config, Login
    from pymap.backend.dict.filter import FilterSet
    from pymap.backend.dict.mailbox import MailboxSet
    from pymap.concurrent import Subsystem
    from pymap.parsing.message import AppendMessage
    from pymap.parsing.specials.flag import Flag
    from pymap.user import UserMetadata
    from pysasl.hashing import Cleartext

    class Local(Config):
        greeting = b"sample mail"  # pymap's would ask the network for this machine's name

    config = Local(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=HOST,
        port=0,
        tls_enabled=False,  # nothing leaves this machine
        hash_context=Cleartext(),  # a random password that lives for seconds
        cpu_subsystem=Subsystem.for_asyncio(),  # no thread of its own for hashing
        demo_data=False,
        demo_user="",
        demo_password="",
    )
    config.apply_context()
    login = Login(config)
    for username, mailboxes in accounts.items():
        login.users_dict[username] = UserMetadata(config, username, password=password)
        boxes = MailboxSet()
        config.set_cache[username] = (boxes, FilterSet())
        for name, mails in mailboxes.items():
            if name != "INBOX":
                await boxes.add_mailbox(name)
            box = await boxes.get_mailbox(name)
            for mail in mails:
                flags = frozenset(Flag(flag.encode("ascii")) for flag in mail.flags)
                await box.append(AppendMessage(mail.content, mail.internal_date, flags))
    return config, login
