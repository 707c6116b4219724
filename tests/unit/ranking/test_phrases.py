"""The phrase language: what is written is what is found, in bounded time."""

from __future__ import annotations

import pytest

from cost import in_proportion
from triage.ranking.phrases import Grammar, PhraseError, PhraseIndex, Spelling, folded

ENGLISH = Spelling()
WORDS = {"lawyer": ["solicitor*", "law firm"]}


def _matches(phrase: str, sentence: str, spelling: Spelling = ENGLISH) -> bool:
    compiled = Grammar(spelling, WORDS).phrase(phrase)
    return bool(PhraseIndex([(compiled,)]).found(spelling.normalised(sentence)))


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("ring me", "Please ring me."),
        ("refund*", "Two refunds are missing"),
        ("*anwalt*", "Mein Rechtsanwalt schreibt Ihnen"),
        ("(court|small claims)", "I will go to small claims"),
        ("ring [please] me", "ring me"),
        ("<lawyer>", "Our solicitors know; the law firm too"),
        ("# times", "I wrote 4 times"),
        ("charged ... twice", "you charged my poor old card twice"),
        ("can't go on", "I can’t go on"),
        ("can't go on", "i cant go on"),
        ("ring me", "ring, me"),
    ],
)
def test_a_phrase_finds_what_it_says(phrase: str, sentence: str) -> None:
    assert _matches(phrase, sentence)


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("ring me", "a string metre"),
        ("court", "courtesy"),
        ("charged ... twice", "charged a b c d e f g twice"),
        ("ring me", "me ring"),
    ],
)
def test_a_phrase_finds_nothing_else(phrase: str, sentence: str) -> None:
    assert not _matches(phrase, sentence)


def test_accents_umlauts_and_elisions_may_be_missing() -> None:
    assert _matches("fürchte", "Ich fuerchte mich", Spelling(umlauts=True))
    assert _matches("fürchte", "Ich furchte mich", Spelling(umlauts=True))
    assert _matches("dernière fois", "la derniere fois")
    assert _matches("avocat", "je parle à l’avocat", Spelling(elides=True))
    assert _matches("j'ai mal", "jai mal", Spelling(elides=True))


@pytest.mark.parametrize("phrase", ["(a|b", "a)", "<nobody>", "[a]", "a || b", "a ! b", ""])
def test_a_phrase_that_cannot_be_read_is_named(phrase: str) -> None:
    with pytest.raises(PhraseError):
        Grammar(ENGLISH, WORDS).phrase(phrase)


def test_a_rule_is_found_only_where_all_its_phrases_are() -> None:
    grammar = Grammar(ENGLISH, WORDS)
    rule = grammar.rule("(refund*|money back) & <lawyer>")
    sentences = ["My solicitor wants my money back.", "A refund, please.", "Your solicitors are back."]
    found = PhraseIndex([rule]).found_in([ENGLISH.normalised(s) for s in sentences])
    assert [all(phrase in those for phrase in rule) for those in found] == [True, False, False]


@pytest.mark.parametrize("spelling", [ENGLISH, Spelling(umlauts=True), Spelling(elides=True)])
@pytest.mark.parametrize(
    "sentence",
    ["It’s £5 – naïve?", "a_b __c d_", "Übel, l´eau ", "Привет, мир!", "ὈΔΥΣΣΕΎΣ ﬁn ½ ℌ", "a\x00b\n* c"],
)
def test_a_normalised_sentence_is_words_and_commas_apart_by_one_space(
    sentence: str, spelling: Spelling
) -> None:
    words = spelling.normalised(sentence)[1:-1].split(" ")
    assert all(word.replace("_", "a").isalnum() or word in {",", "£", "$", "€"} for word in words)


def test_letters_are_evened_out_alike_in_any_company() -> None:
    text = "Café – ÉTÉ’s ½ ﬁn ℌ"
    many = "".join(map(chr, range(0x400, 0x460)))  # too many kinds for the quick way
    assert folded(text + many) == folded(text) + folded(many)


def test_gaps_over_a_long_hostile_sentence_stay_cheap() -> None:
    phrase = Grammar(ENGLISH, {}).phrase("a ... a ... a ... b")
    few, many = (ENGLISH.normalised("a " * words) for words in (500, 5_000))
    assert in_proportion(phrase.spans, few, many, times=10, within=5.0)
