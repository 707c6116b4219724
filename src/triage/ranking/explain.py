"""Ranking, explained: which rule decided the verdict, and what could not be known.

Words for people, about one assessment; the points are its reasons (`texts.signs` names them).
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.ranking.assess import FLOOR, RankingSettings
from triage.types import Assessment, Verdict

UNJUDGED = {
    "image_only": "there is nothing in it but an image",
    "empty": "there is no text in it",
    "unknown_language": "its language is none of those that triage reads",
}


def rule(assessment: Assessment, settings: RankingSettings) -> str:
    """The rule that decided the verdict, in one sentence. The first that fits, as in `assess`."""
    verdict, threshold = assessment.verdict, settings.call_threshold
    if assessment.automated is not None and verdict is Verdict.NONE:
        return "A program wrote it, so nobody waits for an answer."
    if assessment.floor:
        return (
            "A life may be at risk, or a danger is there now: such a mail is always called first"
            f" (at least {FLOOR:.0f} points)."
        )
    if assessment.solved and verdict is Verdict.NONE:
        return "The requester says that the matter is settled."
    if any(reason.cue == "always_call" for reason in assessment.reasons):
        return "It shows something that the team always calls about, whatever the score."
    if assessment.unjudged:
        why = UNJUDGED.get(assessment.unjudged, assessment.unjudged)
        return f"It could not be judged: {why}. A person should look at it."
    if verdict is Verdict.NONE:
        return "It reads as if nobody waited for an answer."
    if (assessment.score >= threshold) is (verdict is Verdict.CALL):
        call = f"The score reaches {threshold:g}, from which on the team phones."
        return call if verdict is Verdict.CALL else f"The score stays below {threshold:g}: a mail will do."
    # The threshold was another one when the mail was ranked.
    if verdict is Verdict.CALL:
        return "The score reached what the team phoned from at that time."
    return "The score stayed below what the team phoned from at that time."


def unknown(assessment: Assessment, *, truncated: bool = False, attachments: int = 0) -> Iterator[str]:
    """What a person would want to know and the mail does not tell."""
    if assessment.unjudged:
        yield f"what it is about: {UNJUDGED.get(assessment.unjudged, assessment.unjudged)}"
    if assessment.verdict is Verdict.NONE:
        return
    if assessment.language == "unknown" and not assessment.unjudged:
        yield "its language: only clear signs in the languages that triage reads were found"
    if truncated:
        yield "how it ends: it is too large, and only its beginning was read"
    if attachments:
        what = "the attachment" if attachments == 1 else f"the {attachments} attachments"
        yield f"what {what} would tell: attachments are not opened"
    if assessment.phone is None:
        yield "their telephone number: the mail gives none of their own"
    elif assessment.phone_from == "quoted":
        yield "whether the number is still theirs: it stands in older text that the mail quotes"
