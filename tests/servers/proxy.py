"""A TCP proxy on loopback that makes a network as bad as a test wants it.

    with Proxy(server.port, cut_after=1000) as proxy:
        ... connect to 127.0.0.1:proxy.port ...
        proxy.from_server, proxy.to_server          octets carried so far

Faults concern what the server says; they may be changed between connections.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(kw_only=True)
class Faults:
    """What happens to the server's words. Octets and seconds, counted for each connection."""

    cut_after: int | None = None  # close the connection after so many octets
    cut_before: bytes = b""  # close the connection instead of passing a packet that holds this
    stall_after: int | None = None  # say nothing more after so many octets
    drip: float = 0.0  # pass single octets, with this pause between them
    latency: float = 0.0  # pause before each packet, either way


class Proxy:
    """Listens on 127.0.0.1:`port` and passes everything to 127.0.0.1:`target`, with faults."""

    def __init__(
        self,
        target: int,
        *,
        cut_after: int | None = None,
        stall_after: int | None = None,
        drip: float = 0.0,
        latency: float = 0.0,
    ) -> None:
        self.faults = Faults(cut_after=cut_after, stall_after=stall_after, drip=drip, latency=latency)
        self.from_server = 0
        self.to_server = 0
        self.connections = 0
        self._target = target
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with self._lock:
            for sock in (self._listener, *self._sockets):
                _close(sock)
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, work: object, *arguments: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                return
            with self._lock:
                self._sockets += [client, server]
            for sock in (client, server):
                sock.settimeout(None)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._spawn(self._carry_to_server, client, server)
            self._spawn(self._carry_from_server, server, client)

    def _carry_to_server(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while packet := client.recv(65_536):
                self._stop.wait(self.faults.latency)
                self.to_server += len(packet)
                server.sendall(packet)
        except OSError:
            pass
        _close(server)

    def _carry_from_server(self, server: socket.socket, client: socket.socket) -> None:
        faults, passed = self.faults, 0
        try:
            while packet := server.recv(65_536):
                self._stop.wait(faults.latency)
                if faults.cut_before and faults.cut_before in packet:
                    break
                for part in (packet[i : i + 1] for i in range(len(packet))) if faults.drip else (packet,):
                    for limit in (faults.cut_after, faults.stall_after):
                        if limit is not None:
                            part = part[: max(0, limit - passed)]
                    client.sendall(part)
                    passed += len(part)
                    self.from_server += len(part)
                    if faults.cut_after is not None and passed >= faults.cut_after:
                        _close(client)
                        return
                    if faults.stall_after is not None and passed >= faults.stall_after:
                        self._stop.wait()
                        return
                    if self._stop.wait(faults.drip):
                        return
        except OSError:
            pass
        _close(client)


def _close(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
