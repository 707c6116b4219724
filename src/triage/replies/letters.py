"""Letters that the desk asks for, after a call or an incident: what each says, and in which words.

    text = compose.compose(plan(kind="confirmation", …), settings=settings)

confirmation   what was agreed on the phone, who does what by when (P32)
tried          several calls reached nobody: a number and a time are asked for
follow_up      some days after it was solved: is it really well? (P29)
incident       what the team tells everybody about an outage
all_clear      it is over
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from triage import texts
from triage.replies import listening
from triage.replies.compose import Plan, ReplySettings, reply_language
from triage.replies.greeting import greeting_name
from triage.replies.times import moment
from triage.types import Cue, Flag, Message

# P29: nobody is asked some days later how well it is now.
_NO_FOLLOW_UP = frozenset(
    {
        Cue.LIFE_AT_RISK,
        Cue.SAFETY_HARM,
        Cue.VULNERABLE_BEREAVED,
        Cue.LEGAL_THREAT,
        Cue.REGULATOR,
        Cue.DISCRIMINATION_PRIVACY,
        Cue.DATA_RIGHTS,
        Cue.OFFICIAL,
    }
)


def may_follow_up(cues: frozenset[str], flags: frozenset[str]) -> bool:
    """No follow-up after injury, law, discrimination, data requests and bereavement (P20, P29)."""
    return not cues & {cue.value for cue in _NO_FOLLOW_UP} and Flag.DEATH_NOTICE.value not in flags


def plan(
    kind: str,
    message: Message,
    *,
    language: str,
    settings: ReplySettings,
    said: str = "",
    due: datetime | None = None,
    upset: bool = True,
) -> Plan:
    """What a letter of this kind says; `message` is the mail that it answers (or stands for one).

    `said`: in the words of an agent or the team; `due`, in the team's time zone: by when.
    `upset`: the mail's subject may be harsh, and is not repeated then.
    """
    language = reply_language(language, settings)
    words = texts.wording(language, team_folder=settings.team_folder)["reply"]
    seed = f"{message.fingerprint or message.subject}\n{kind}"
    return Plan(
        kind=kind,
        language=language,
        seed=hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest() if settings.variants else "",
        greeting_name=greeting_name(message),
        topic=listening.topic(message.subject, upset=upset) if message.message_id else "",
        said=texts.plain(said).strip(),
        by=moment(due, words) if due else "",
    )
