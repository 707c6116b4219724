from __future__ import annotations

import random

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cost import in_proportion
from triage.ranking.lexicon import LANGUAGES, emoji, lexicon
from triage.ranking.sentiment import linear_analyzer, measure, polarity

WORDS = (  # what VADER treats in special ways, among words of feeling
    "not",
    "never",
    "isn't",
    "without",
    "doubt",
    "least",
    "at",
    "very",
    "so",
    "this",
    "kind",
    "of",
    "the",
    "bomb",
    "shit",
    "good",
    "bad",
    "GREAT",
    "no",
    "nor",
    "but",
    ":)",
    "awful!",
    "really",
    "hardly",
    "was",
)


def test_the_linear_analyzer_gives_vaders_own_scores() -> None:
    vader, linear = SentimentIntensityAnalyzer(), linear_analyzer()
    choose = random.Random(2026)
    for _ in range(1_500):
        text = " ".join(choose.choices(WORDS, k=choose.randint(1, 25)))
        assert linear.polarity_scores(text) == vader.polarity_scores(text), text


def test_a_long_sentence_costs_in_proportion_to_its_length() -> None:
    words = "terrible service " * 400
    assert in_proportion(polarity, words, words * 10, times=10)


def test_a_curly_apostrophe_negates_like_a_straight_one() -> None:
    assert polarity("The new one isn’t good") == polarity("The new one isn't good") < 0


def test_a_cry_for_help_is_no_praise() -> None:
    assert polarity("help help help") <= 0


def test_courtesies_of_support_mail_are_no_praise() -> None:
    courteous = "I would kindly appreciate a reply, as my solicitor would, and hope you will support us."
    assert abs(polarity(courteous)) < 0.2


@pytest.mark.parametrize("language", LANGUAGES)
def test_angry_faces_are_felt_in_every_language(language: str) -> None:
    assert polarity("😡😡😡", language=language) < -0.5
    assert polarity("❤️", language=language) > 0.3


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "This is an absolute disgrace.", "Everything was wonderful."),
        ("de", "Das ist eine Frechheit und eine Katastrophe!", "Alles war wunderbar und sehr schön."),
        ("fr", "C’est scandaleux et inacceptable !", "Tout était parfait, je suis ravie."),
        ("es", "Es una vergüenza y una estafa.", "Todo perfecto, estamos encantados."),
        ("nl", "Dit is schandalig en belachelijk.", "Alles was geweldig, heel blij mee."),
        ("it", "È una vergogna, una truffa.", "Tutto ottimo, siamo molto contenti."),
        ("pt", "É uma vergonha, um roubo.", "Tudo ótimo, adorei, muito obrigada."),
    ],
)
def test_anger_is_below_and_praise_above_zero_in_seven_languages(language: str, bad: str, good: str) -> None:
    assert polarity(bad, language=language) < -0.4
    assert polarity(good, language=language) > 0.4


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Das Ergebnis ist nicht gut."),
        ("de", "Es funktioniert nicht."),
        ("fr", "Je ne suis pas contente."),
        ("es", "No estoy contento."),
        ("nl", "Ik ben niet tevreden."),
        ("it", "Non sono soddisfatto."),
        ("pt", "Não estou satisfeita."),
    ],
)
def test_a_negated_good_word_is_no_praise(language: str, sentence: str) -> None:
    assert polarity(sentence, language=language) < 0


def test_missing_accents_and_other_spellings_do_not_hide_a_feeling() -> None:
    assert polarity("C'est dégoûtant", language="fr") == polarity("C'est degoutant", language="fr") < 0
    assert polarity("unverschaemt", language="de") == polarity("unverschämt", language="de") < 0


def test_a_negation_does_not_reach_over_a_comma() -> None:
    assert polarity("Não, péssimo", language="pt") == polarity("péssimo", language="pt") < 0


def test_measure_names_the_worst_sentence_and_keeps_the_last_apart() -> None:
    told = ("We had a lovely week.", "The bathroom was horrible and disgusting.", "Otherwise great.")
    felt = measure(told)
    assert felt.worst_sentence == told[1]
    assert felt.worst < felt.mean < felt.last
    assert felt.last > 0


def test_without_sentences_or_bad_feeling_there_is_no_worst_sentence() -> None:
    assert measure(()).worst_sentence == ""
    assert measure(("Where is the key?",)).worst_sentence == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_polarity_lies_between_minus_one_and_one(language: str) -> None:
    everything = " ".join([*lexicon(language).valence, *emoji()]).replace("*", "") + "!" * 50
    assert -1 <= polarity(everything, language=language) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_lists_hold_single_words_and_do_not_contradict_themselves(language: str) -> None:
    valence = lexicon(language).valence
    assert len(valence) >= 100
    assert all(word and " " not in word for word in valence)
