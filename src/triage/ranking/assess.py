"""Ranking: what a message is worth knowing for, and whether it needs a voice.

`assess` reads what the requester newly wrote: language, cues, sentiment, emotion, the key
sentence; adds what the records know; and gives a score with its reasons, and a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.intake.body import judged_text, sentences
from triage.ranking import cues, danger, emotion, key_sentence, language, ngrams, scenes, sentiment, wishes
from triage.ranking.features import FIRST_CONTACT, Features, features
from triage.ranking.lexicon import LANGUAGES
from triage.ranking.model import Scored, Weights, score
from triage.types import (
    Assessment,
    Automated,
    Context,
    Cue,
    Emotion,
    Hit,
    Message,
    Reason,
    Sentiment,
    Verdict,
)

FLOOR = 95.0  # what a life at risk or a present danger scores at least

# A cue that always calls has to stand in a mail that does not otherwise read like routine.
ALWAYS_CALL_FROM = 20.0
NOBODY_WAITS_FROM = 0.8  # log-odds from which a mail looks as if no person waited for an answer

_ENOUGH_TO_TELL = 20  # letters from which on a text ought to show its language


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingSettings:
    """The team's choices. `call_threshold` is a score (0..100)."""

    call_threshold: float = 60.0
    always_call: frozenset[Cue] = field(
        default_factory=lambda: frozenset({Cue.LIFE_AT_RISK, Cue.SAFETY_HARM, Cue.FRAUD_SECURITY})
    )
    weights: Weights | None = None  # the team's own; None: the shipped ones


DEFAULT_SETTINGS = RankingSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is seen in a mail before it is weighed (and what the weights are trained on)."""

    subject: str
    text: str  # what the requester newly wrote, without greeting and sign-off
    sentences: tuple[str, ...]  # of the text
    language: str
    hits: tuple[Hit, ...]
    listed: wishes.Evidence  # flags that the lists found, with their sentences
    sentiment: Sentiment
    features: Features
    wording: ngrams.Bag  # of the subject and the sentences


def observe(
    message: Message,
    *,
    context: Context = FIRST_CONTACT,
    automated: Automated | None = None,
    solved: bool = False,
) -> Observed:
    """Reads a mail: its language, cues, sentiment, and the signs that the model weighs."""
    text = judged_text(message.new_text).strip()
    subject = message.subject.strip()
    written = sentences(text)
    spoken = language.detect(text, subject=subject)
    detected = cues.detect(written, subject=subject, language=spoken)
    feeling = sentiment.measure(written, language=spoken)
    return Observed(
        subject=subject,
        text=text,
        sentences=written,
        language=spoken,
        hits=detected.hits,
        listed=detected.evidence_of_flags,
        sentiment=feeling,
        features=features(
            written,
            subject=subject,
            language=spoken,
            hits=detected.hits,
            sentiment=feeling,
            context=context,
            automated=automated,
            solved=solved,
        ),
        wording=ngrams.bag((subject, *written)),
    )


def assess(
    message: Message,
    *,
    context: Context = FIRST_CONTACT,
    automated: Automated | None = None,
    solved: bool = False,
    phone: tuple[str | None, str] = (None, ""),
    settings: RankingSettings = DEFAULT_SETTINGS,
) -> Assessment:
    """Ranks a message. Pure: the same arguments give the same assessment.

    `automated`, `solved` and `phone` (number, where it stands) are what the other stages
    found. An automated mail is never called; if it seems to tell of a life at risk or of a
    present danger, `floor` says so all the same, and routing gives it to a person.
    """
    seen = observe(message, context=context, automated=automated, solved=solved)
    hits = seen.hits
    weighed = score(seen.features, seen.wording, weights=settings.weights)
    readings = scenes.readings(seen.wording.sentences, seen.language)
    found = danger.find(
        seen.wording,
        readings,
        hits=hits,
        need=_need(seen, weighed, settings),
        machine=automated is not None,
    )
    alarm = found.hit if found is not None and found.sure else None
    scored, verdict = _ruled(weighed, hits, alarm, automated, solved, settings)
    if found is not None and found.hit not in hits:
        hits = (found.hit, *hits)
    if hits and verdict is Verdict.NONE and not (automated or solved):
        verdict = Verdict.REPLY
    unjudged = "" if hits or automated or solved else _unjudged(message, seen.text, seen.language)
    if unjudged:
        verdict = Verdict.REPLY
    felt, key = Emotion.NEUTRAL, ""
    flags = seen.listed
    if automated is None:
        flags = wishes.find(seen.wording, readings, seen.listed)
        felt = emotion.judge(
            seen.wording,
            language=seen.language,
            features=seen.features,
            sentiment=seen.sentiment,
            verdict=verdict,
        )
    if verdict is not Verdict.NONE:
        told = seen.sentences or (seen.subject,)
        key = key_sentence.choose(told, subject=seen.subject, language=seen.language, hits=hits)
    return Assessment(
        score=scored.score,
        verdict=verdict,
        base=scored.base,
        reasons=scored.reasons,
        sentiment=seen.sentiment,
        emotion=felt,
        language=seen.language,
        phone=phone[0],
        phone_from=phone[1],
        flags=frozenset(flag for flag, _ in flags),
        hits=hits,
        key_sentence=key,
        automated=automated,
        floor=alarm is not None,
        solved=solved,
        unjudged=unjudged,
    )


def _need(seen: Observed, weighed: Scored, settings: RankingSettings) -> float:
    """What the shipped weights think of the mail by itself: no record and no training changes it."""
    alone = tuple(f for f in seen.features if not f.name.startswith("context_"))
    if settings.weights is None and len(alone) == len(seen.features):
        return weighed.log_odds
    return score(alone, seen.wording).log_odds


def _ruled(
    scored: Scored,
    hits: Sequence[Hit],
    alarm: Hit | None,
    automated: Automated | None,
    solved: bool,
    settings: RankingSettings,
) -> tuple[Scored, Verdict]:
    """The verdict, and the score after the rules that no weight lowers."""
    if automated is not None:
        return scored, Verdict.NONE
    if alarm is not None:
        return _lifted(scored, FLOOR, "floor", alarm.evidence), Verdict.CALL
    if solved:
        return scored, Verdict.NONE
    if scored.score >= settings.call_threshold:
        return scored, Verdict.CALL
    if scored.score >= ALWAYS_CALL_FROM and (
        always := next((h for h in hits if h.cue in settings.always_call), None)
    ):
        return _lifted(scored, settings.call_threshold, "always_call", always.evidence), Verdict.CALL
    return scored, Verdict.NONE if scored.nobody >= NOBODY_WAITS_FROM else Verdict.REPLY


def _lifted(scored: Scored, least: float, rule: str, evidence: str) -> Scored:
    """The score raised to what a rule demands, with the missing points as the rule's reason."""
    missing = round(least - scored.score, 2)
    if missing <= 0:
        return scored
    reasons = (*scored.reasons, Reason(cue=rule, evidence=evidence, points=missing))
    return Scored(score=least, base=scored.base, reasons=tuple(sorted(reasons, key=lambda r: -r.points)))


def _unjudged(message: Message, text: str, spoken: str) -> str:
    """Why a mail without any cue cannot be judged: a person has to look at it."""
    if not text:
        if any(a.content_type.startswith("image/") for a in message.attachments):
            return "image_only"
        return "" if message.subject.strip() and not message.attachments else "empty"
    letters = sum(c.isalpha() for c in text[:1_000])
    if spoken not in LANGUAGES and letters >= _ENOUGH_TO_TELL:
        return "unknown_language"
    return "" if letters else "empty"
