"""A throw-away Dovecot on loopback, for tests that need a real IMAP server.

    with DovecotServer() as server:
        desk = server.new_user()              # a fresh account: Drafts and Sent exist
        desk.deliver(b"From: ...")            # straight into the Maildir, as an MTA would
        desk.snapshot()                       # every flag and byte outside Drafts

Any user name logs in with the server's password. It runs as an ordinary user, or as root (then it drops to
`nobody`, since Dovecot serves no mail to uid 0). Only the process started here is signalled.
"""

from __future__ import annotations

import grp
import hashlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from imapclient import IMAPClient

from triage.intake.imap import Login

PASSWORD = "horse-battery-staple"

CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
instance_name = triage-test-{port}
log_path = {root}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {group}

ssl = {ssl}
{ssl_lines}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/home/%u
}}

mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = {connections}
imap_max_line_length = {line_length}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
{mailboxes}
}}

service imap-login {{
  chroot =
  service_count = 0
  client_limit = 512
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  chroot =
}}
service auth-worker {{
  user = {user}
}}
service stats {{
  chroot =
}}
service imap {{
  process_limit = 256
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """A private CA and what it signed: for localhost and 127.0.0.1, and for another host."""

    ca: Path
    good: tuple[Path, Path]  # certificate, key
    wrong_host: tuple[Path, Path]

    @classmethod
    def make(cls, folder: Path) -> Certificates:
        """Needs the openssl command."""

        def openssl(*words: str) -> None:
            subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl(
            "req",
            "-x509",
            *key,
            "-days",
            "2",
            "-subj",
            "/CN=Test CA",
            "-addext",
            "keyUsage=critical,keyCertSign",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        )

        def signed(name: str, hosts: str) -> tuple[Path, Path]:
            openssl("req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            (folder / f"{name}.ext").write_text(f"subjectAltName={hosts}\nauthorityKeyIdentifier=keyid\n")
            ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
            openssl(
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                *ca,
                "-days",
                "2",
                "-extfile",
                f"{name}.ext",
                "-out",
                f"{name}.pem",
            )
            return folder / f"{name}.pem", folder / f"{name}.key"

        good = signed("localhost", "DNS:localhost,IP:127.0.0.1")
        return cls(
            ca=folder / "ca.pem", good=good, wrong_host=signed("mail.other.example", "DNS:mail.other.example")
        )


class DovecotServer:
    """One Dovecot instance. `mailboxes`: (name, special use or "") made for every account."""

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        certificate: tuple[Path, Path] | None = None,
        mailboxes: Sequence[tuple[str, str]] = (("Drafts", "\\Drafts"), ("Sent", "\\Sent")),
        connections: int = 10,
        line_length: str = "64k",
        password: str = PASSWORD,
        separator: str = ".",
        prefix: str = "",
    ) -> None:
        self.certificate = certificate
        self.mailboxes = mailboxes
        self.connections = connections
        self.line_length = line_length
        self.password = password
        self.separator = separator
        self.prefix = prefix
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.root = Path()
        self.port = self.tls_port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._names = (f"desk{os.getpid()}-{n}" for n in itertools.count(1))

    @staticmethod
    def installed() -> str:
        """The path of the dovecot program, or an empty string."""
        return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin") or ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))  # short: socket paths end at 108 bytes
        for name in ("run", "state", "home"):
            (self.root / name).mkdir()
        if not self.port:
            self.port, self.tls_port = _free_port(), _free_port() if self.certificate else 0
        self._configure()
        self._own(self.root)
        try:
            self.resume()
        except BaseException:
            self.stop()
            raise

    def resume(self) -> None:
        """Starts the server process (again) over the mail that is there."""
        demoted = os.getuid() == 0
        with (self.root / "stderr").open("wb") as stderr:
            self._process = subprocess.Popen(
                [self.installed(), "-F", "-c", str(self.root / "dovecot.conf")],
                user=self.user if demoted else None,
                group=pwd.getpwnam(self.user).pw_gid if demoted else None,
                extra_groups=[] if demoted else None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                raise RuntimeError("dovecot died: " + self.log())
            try:
                with socket.create_connection((self.host, self.port), 1) as sock:
                    sock.settimeout(5)
                    if sock.recv(200).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("dovecot did not answer: " + self.log())

    def pause(self) -> None:
        """Stops the server process; the mail stays."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # the master stops its children
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def stop(self) -> None:
        self.pause()
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self) -> str:
        """What it complained about and logged."""
        paths = [self.root / name for name in ("stderr", "dovecot.log")]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def new_user(self, name: str = "") -> Desk:
        """An account of its own, empty but for the mailboxes of the configuration."""
        desk = Desk(self, name or next(self._names))
        with desk.client() as client:
            client.select_folder("INBOX", readonly=True)  # makes the Maildir
        return desk

    def _configure(self) -> None:
        blocks = [
            f'  mailbox "{name}" {{\n    auto = create\n'
            + (f"    special_use = {use}\n" if use else "")
            + "  }"
            for name, use in self.mailboxes
        ]
        ssl_lines = ""
        if self.certificate:
            certificate, key = self.certificate
            for path, name in ((certificate, "cert.pem"), (key, "key.pem")):
                shutil.copy(path, self.root / name)
            ssl_lines = f"ssl_cert = <{self.root}/cert.pem\nssl_key = <{self.root}/key.pem"
        text = CONFIGURATION.format(
            root=self.root,
            user=self.user,
            group=grp.getgrgid(pwd.getpwnam(self.user).pw_gid).gr_name,
            port=self.port,
            tls_port=self.tls_port,
            ssl="yes" if self.certificate else "no",
            ssl_lines=ssl_lines,
            password=self.password.replace("%", "%%"),  # % begins a variable
            connections=self.connections,
            line_length=self.line_length,
            separator=self.separator,
            prefix=self.prefix,
            mailboxes="\n".join(blocks),
        )
        (self.root / "dovecot.conf").write_text(text)

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", self.user, str(path)], check=True)


class Desk:
    """One mail account of a support desk on a DovecotServer."""

    def __init__(self, server: DovecotServer, username: str) -> None:
        self.server = server
        self.username = username
        self._delivered = itertools.count(1)

    @property
    def maildir(self) -> Path:
        return self.server.root / "home" / self.username / "Maildir"

    def login(self, **changes: Any) -> Login:
        """How ImapSource reaches this account; `changes` replace fields of Login."""
        plain = Login(
            host=self.server.host,
            port=self.server.port,
            security="none",
            username=self.username,
            secret=lambda: self.server.password,
            account="desk",
        )
        return replace(plain, **changes)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A logged-in IMAPClient, for arranging and for looking."""
        with IMAPClient(self.server.host, self.server.port, ssl=False, timeout=30) as client:
            client.normalise_times = False
            client.plain_login(self.username, self.server.password)
            yield client

    def deliver(
        self, *mails: bytes, when: datetime | None = None, flags: str = "", mailbox: str = ""
    ) -> None:
        """Puts `mails` into the Maildir, as an MTA does. `when` becomes their INTERNALDATE.

        `flags`: Maildir letters (S seen, R answered, F flagged). `mailbox`: Maildir++ name, empty for INBOX.
        """
        folder = self.maildir / (f".{mailbox}" if mailbox else "") / ("cur" if flags else "new")
        owner = folder.stat()
        for mail in mails:
            n = next(self._delivered)
            path = folder / (f"{1_700_000_000 + n}.M{n:06}P1.test" + (f":2,{flags}" if flags else ""))
            draft = self.maildir / "tmp" / path.name
            draft.write_bytes(mail)
            if os.getuid() == 0:
                os.chown(draft, owner.st_uid, owner.st_gid)
            if when:
                os.utime(draft, (when.timestamp(), when.timestamp()))
            draft.rename(path)

    def append(
        self, mailbox: str, mail: bytes, *, flags: Sequence[str] = (), when: datetime | None = None
    ) -> int:
        """APPENDs one mail and returns its uid."""
        with self.client() as client:
            answer: bytes = client.append(mailbox, mail, flags=flags, msg_time=when)
        return int(answer.split(b"]")[0].split()[-1])

    def set_uidvalidity(self, uidvalidity: int, mailbox: str = "INBOX") -> None:
        """Gives `mailbox` another UIDVALIDITY, as a restored or rebuilt mailbox has it."""
        doveadm = str(Path(DovecotServer.installed()).with_name("doveadm"))
        doveadm = shutil.which("doveadm") or doveadm
        update = ("mailbox", "update", "-u", self.username, "--uid-validity", str(uidvalidity), mailbox)
        subprocess.run(
            [doveadm, "-c", str(self.server.root / "dovecot.conf"), *update], check=True, capture_output=True
        )

    def mails(self, mailbox: str) -> list[bytes]:
        """The bytes of every mail in `mailbox`, by ascending uid."""
        return [content for _, content, _, _ in self._contents(mailbox)]

    def snapshot(self, *, without: Sequence[str] = ("Drafts",)) -> dict[tuple[str, int], tuple[str, ...]]:
        """(mailbox, uid) -> flags, date and digest of every mail outside `without`, to compare."""
        with self.client() as client:
            names = [name for _, _, name in client.list_folders() if name not in without]
        return {
            (name, uid): (*flags, when.astimezone(UTC).isoformat(), hashlib.sha256(content).hexdigest())
            for name in names
            for uid, content, flags, when in self._contents(name)
        }

    def _contents(self, mailbox: str) -> list[tuple[int, bytes, list[str], datetime]]:
        with self.client() as client:
            client.select_folder(mailbox, readonly=True)
            uids = client.search()
            found = client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]) if uids else {}
        return [
            (
                uid,
                m[b"BODY[]"],
                sorted(f.decode() for f in m[b"FLAGS"] if f != b"\\Recent"),
                m[b"INTERNALDATE"],
            )
            for uid, m in sorted(found.items())
        ]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
