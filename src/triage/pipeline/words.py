"""From a plan to a draft: the words, held against the playbook, and the mail that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from triage.pipeline.ports import AccountSettings
from triage.replies import compose, draft, playbook
from triage.types import DraftMail, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A draft in words, and what the plans before it broke ("question in en: P15: …")."""

    mail: DraftMail | None  # None: none could be worded, or there is no address to write to
    kind: str = ""
    language: str = ""
    faults: tuple[str, ...] = ()


def word(
    plans: Iterable[compose.Plan],
    message: Message,
    account: AccountSettings,
    *,
    key: bytes,
    fingerprint: str,
    generation: int,
    now: datetime,
    quote: bool = True,
) -> Worded:
    """The first of `plans` whose words keep the playbook, as a mail that answers `message`.

    Marker and Message-ID belong to the first plan's kind, whichever is taken in the end: a
    draft is known again whatever became of its words. Raises ConfigError for a template that
    is missing or broken: that stops the pass, and nothing is lost.
    """
    faults: list[str] = []
    settings, kind = account.replies, ""
    for plan in plans:
        kind = kind or plan.kind
        try:
            text = compose.compose(plan, settings=settings)
            found = playbook.check(
                text, kind=plan.kind, language=plan.language, team_folder=settings.team_folder
            )
            if found:
                faults.append(f"{plan.kind} in {plan.language}: {'; '.join(map(str, found))}")
                continue
            marker, message_id = draft.identity(
                key=key,
                fingerprint=fingerprint,
                kind=kind,
                generation=generation,
                domain=settings.from_address.rpartition("@")[2],
            )
            mail = draft.build(
                message=message,
                text=text,
                settings=settings,
                marker=marker,
                message_id=message_id,
                now=now,
                language=plan.language,
                quote=quote,
            )
        except ValueError as error:  # no address that a reply can be written to
            faults.append(f"{plan.kind} in {plan.language}: {error}")
            continue
        return Worded(mail=mail, kind=plan.kind, language=plan.language, faults=tuple(faults))
    return Worded(mail=None, faults=tuple(faults))
