from __future__ import annotations

import pytest

from triage.ranking.emotion import EMOTIONS, judge, packaged, read, signs
from triage.ranking.features import features
from triage.ranking.lexicon import LANGUAGES
from triage.ranking.ngrams import bag
from triage.ranking.sentiment import measure
from triage.types import Cue, Emotion, Hit, Sentiment, Verdict


def felt(*sentences: str, language: str = "en", cues: tuple[Cue, ...] = ()) -> Emotion:
    hits = [Hit(cue=cue, evidence=sentences[0]) for cue in cues]
    feeling = measure(sentences, language=language)
    found = features(sentences, language=language, hits=hits, sentiment=feeling)
    return judge(bag(sentences), language=language, features=found, sentiment=feeling)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_that_shows_nothing_is_neutral(language: str) -> None:
    assert felt("A4, 120 g, 500.", language=language) is Emotion.NEUTRAL
    assert judge(bag(()), language=language) is Emotion.NEUTRAL


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This is disgraceful, how dare you!!!"),
        ("de", "Das ist eine Unverschämtheit, jetzt reicht es!!!"),
        ("fr", "C’est honteux, vous vous moquez de nous !!!"),
        ("es", "¡¡¡Es una vergüenza, una estafa!!!"),
        ("nl", "Schandalig, ik ben er helemaal klaar mee!!!"),
        ("it", "È una vergogna, una truffa!!!"),
        ("pt", "É uma vergonha, um roubo!!!"),
    ],
)
def test_anger_is_named_in_every_language(language: str, sentence: str) -> None:
    assert felt(sentence, language=language) is Emotion.ANGRY


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Thank you so much, the cake was wonderful and we love it!"),
        ("de", "Vielen Dank für die Torte, sie war wunderbar, wir sind begeistert!"),
        ("fr", "Merci beaucoup, le gâteau était parfait, nous sommes ravis !"),
        ("es", "¡Muchas gracias por la tarta, estaba buenísima, estamos encantados!"),
        ("nl", "Heel erg bedankt, de taart was heerlijk en we zijn er blij mee!"),
        ("it", "Grazie mille per la torta, era buonissima, siamo contenti!"),
        ("pt", "Muito obrigada pelo bolo, adoramos, estava perfeito!"),
    ],
)
def test_pleasure_is_named_in_every_language(language: str, sentence: str) -> None:
    assert felt(sentence, language=language) is Emotion.PLEASED


@pytest.mark.parametrize(
    ("emotion", "sentence", "cues"),
    [
        (Emotion.FRUSTRATED, "I am fed up, I have been chasing this and still nothing.", ()),
        (Emotion.DISAPPOINTED, "I am disappointed, we had expected more.", ()),
        (Emotion.ANXIOUS, "I am worried, is it safe to leave it on tonight?", (Cue.SAFETY_HARM,)),
        (
            Emotion.DISTRESSED,
            "My husband passed away and I have been in tears since your letter.",
            (Cue.VULNERABLE_BEREAVED,),
        ),
    ],
)
def test_a_feeling_said_outright_is_named(emotion: Emotion, sentence: str, cues: tuple[Cue, ...]) -> None:
    assert felt(sentence, cues=cues) is emotion


def test_a_feeling_that_is_denied_is_not_named() -> None:
    assert felt("I am not worried, not anxious, not nervous.") is Emotion.NEUTRAL


def test_a_plain_question_with_alarming_words_is_not_taken_for_anger() -> None:
    assert felt("Could you send me the invoice for the fire alarm?") is Emotion.NEUTRAL


def test_a_subject_alone_can_show_a_feeling() -> None:
    assert felt("DISGRACEFUL, you liars, I am furious!!!", "") is Emotion.ANGRY


def test_texts_without_a_word_are_neutral() -> None:
    assert judge(bag(("", ""))) is Emotion.NEUTRAL
    assert judge(bag(("...", ""))) is Emotion.NEUTRAL


def test_a_mail_to_be_called_about_is_less_likely_neutral() -> None:
    weights = packaged().of["verdict_call"]
    neutral = weights[EMOTIONS.index(Emotion.NEUTRAL)]
    assert all(neutral < weights[EMOTIONS.index(e)] for e in (Emotion.ANGRY, Emotion.DISTRESSED))


def test_every_sign_lies_between_minus_1_and_1() -> None:
    shown = signs(
        ("Help!!!", "it fails 123456 times, haha, I am furious, livid and furious"),
        language="en",
        sentiment=Sentiment(worst=-1.0, mean=-0.9, last=-1.0),
        verdict=Verdict.CALL,
    )
    assert all(-1.0 <= value <= 1.0 and value for value in shown.values())
    assert {"word_angry", "smile", "verdict_call"} <= shown.keys()


def test_a_table_of_the_wrong_length_is_refused() -> None:
    written = {emotion.value: {"start": 0.0, "scale": 1.0, "signs": {}} for emotion in EMOTIONS}
    with pytest.raises(ValueError, match="wrong length"):
        read(written, b"123")
