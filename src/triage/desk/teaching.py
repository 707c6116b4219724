"""What an agent says of a mail's rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.errors import NotFoundError, StateError
from triage.store import Store
from triage.store.mail import MessageRecord
from triage.types import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A message that got feedback, and the feedback that counted for it until now."""

    message: MessageRecord
    before: Verdict | None


def give_feedback(
    store: Store, messages: Sequence[int], said: Verdict, *, agent: str, note: str, now: datetime
) -> list[Taught]:
    """An agent's verdict on messages, with what ranking said and what was said of them before.

    Raises:
        NotFoundError: there is no such message.
        StateError: it was never ranked, so there is nothing to say about its rank.
    """
    taught = []
    with store.transaction():
        for id in messages:
            record = store.mail.record(id)
            if record is None:
                raise NotFoundError(f"there is no message m{id}", hint="triage messages list")
            if record.score is None:
                raise StateError(
                    f"message m{id} was not ranked", hint=f"`triage messages show m{id}` tells why"
                )
            before = store.feedback.of(id)
            taught.append(Taught(message=record, before=before.said if before else None))
        store.feedback.record(messages, said, who=agent, at=now, note=note)
    return taught
