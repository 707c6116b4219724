"""`make bench`: every figure is a ratio to a baseline that ran beside it, not a time.

start-up    CPU of a command against `python -c pass`
ranking     CPU of judging a mail against plain VADER on the same text
length      CPU per character of a mail ten times as long (1.0 is linear)
queue       time of `next` among 20,000 open tickets against among 200
record      time of `next` with a million tickets on record against ten thousand, 10,000 open in both
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import record
from triage.bootstrap.passes import default_settings
from triage.calls import ticket as life
from triage.demo.samples import accounts
from triage.intake.parse import parse
from triage.pipeline.message import judge
from triage.ranking.sentiment import linear_analyzer
from triage.store import Store
from triage.types import Address, Identity, Message, MessageRef, RawMessage, Ticket

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def main() -> None:
    for title, measure in (
        ("start-up", start_up),
        ("ranking", ranking),
        ("length", length),
        ("queue", queue),
        ("record", record.next_calls),
    ):
        for name, ratio in measure().items():
            print(f"{title:10} {name:34} {ratio:8.2f}")


def sample_texts() -> list[str]:
    """What was newly written in the demo's mails."""
    ref = MessageRef(account="", mailbox="")
    mails = [m.content for boxes in accounts(NOW).values() for box in boxes.values() for m in box]
    parsed = [
        parse(RawMessage(ref=ref, content=mail, size=len(mail)), identity=Identity(), now=NOW)
        for mail in mails
    ]
    return [message.new_text for message in parsed if isinstance(message, Message)]


def start_up() -> dict[str, float]:
    """CPU of whole commands, best of three, against the bare interpreter."""
    triage = str(Path(sys.executable).with_name("triage"))
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "config.toml")
        config.write_text(
            f'[store]\nurl = "sqlite:///{home}/s.sqlite3"\n[accounts.a]\nhost = "imap.example.org"\n'
            'username = "a"\npassword_env = "PW"\naddresses = ["help@example.org"]\n'
        )
        environ = {**os.environ, "TRIAGE_CONFIG": str(config)}
        bare = _cpu([sys.executable, "-c", "pass"], environ)
        return {
            " ".join(words): _cpu([triage, *words], environ) / bare
            for words in (
                ["--version"],
                ["--help"],
                ["calls", "list"],
                ["calls", "next"],
                ["messages", "list"],
            )
        }


def ranking() -> dict[str, float]:
    texts = sample_texts()
    settings = default_settings()
    mails = [_mail(n, text) for n, text in enumerate(texts)]
    vader = linear_analyzer()
    judge(mails[0], settings)
    plain = _time(lambda: [vader.polarity_scores(text) for text in texts])
    ours = _time(lambda: [judge(mail, settings) for mail in mails])
    return {"judging a mail / plain VADER": ours / plain}


def length() -> dict[str, float]:
    settings = default_settings()
    text = " ".join(sample_texts())
    short, long = text[:20_000], (text * 20)[:200_000]
    judge(_mail(0, short), settings)
    a = _time(lambda: judge(_mail(1, short), settings)) / len(short)
    b = _time(lambda: judge(_mail(2, long), settings)) / len(long)
    return {"per character, 200 kB / 20 kB": b / a}


def queue() -> dict[str, float]:
    times = {}
    for size in (200, 20_000):
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "s.sqlite3")) as store:
            with store.transaction():
                for n in range(size):
                    received = NOW - timedelta(minutes=n % 5000)
                    store.desk.open(
                        Ticket(
                            id=0,
                            account="a",
                            requester=Address(address=f"{n}@example.org"),
                            score=60 + n % 40,
                            priority=life.rank_key(60 + n % 40, received),
                            received=received,
                            messages=1,
                        ),
                        who="bench",
                        why="bench",
                        at=NOW,
                        last_mail=received,
                    )

            def claim_some(store: Store = store) -> None:
                for n in range(50):
                    store.desk.next(agent=f"a{time.monotonic_ns()}-{n}", now=NOW, lease=timedelta(hours=1))

            times[size] = _time(claim_some)
    return {"next among 20,000 / among 200": times[20_000] / times[200]}


def _mail(n: int, text: str) -> Message:
    return Message(ref=MessageRef(account="", mailbox="", key=str(n)), received=NOW, text=text, new_text=text)


def _time(work: Callable[[], object], rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def _cpu(command: list[str], environ: dict[str, str]) -> float:
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environ, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


if __name__ == "__main__":
    main()
