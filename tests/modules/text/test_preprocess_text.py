from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.modules.text.preprocess_text import STEPS
from tests.modules.running import code_of, frame, run, spec_of

NAME = "Preprocess Text"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
OFF = {
    **dict.fromkeys(
        [parameter.name for parameter in spec_of(NAME).parameters if parameter.default is True], False
    )
}
OFF = {
    name: value
    for name, value in OFF.items()
    if name not in ("Remove nouns", "Remove adjectives", "Remove verbs")
}


def _clean(text: str | None, stop_words: Any = None, **values: Any) -> Any:
    given = {name.replace("_", " "): value for name, value in values.items()}
    table = pd.DataFrame({"t": pd.Series([text, "x"], dtype=object)})
    (made,) = run(NAME, [table, stop_words], {"Text column to clean": ["t"], **given})
    assert made.names == ("t", "Preprocessed t")
    return frame(made)["Preprocessed t"][0]


def _only(text: str, **values: Any) -> Any:
    return _clean(text, **{name.replace(" ", "_"): value for name, value in OFF.items()} | values)


def test_everything_at_once() -> None:
    text = "The runners weren't happy!!! See http://x.org/a or mail me@x.org. 3 cars coooool"
    assert _clean(text) == "runner happy ||| see mail ||| car cool"


def test_with_all_steps_off_only_blanks_change() -> None:
    assert _only("  Some  Text,\tas it\nis! ") == "Some Text, as it is!"


@pytest.mark.parametrize(
    ("step", "text", "cleaned"),
    [
        ("Detect sentences", "One. Two! Three? v1.5", "One. ||| Two! ||| Three? ||| v1.5"),
        ("Normalize case to lowercase", "ÄB c", "äb c"),
        ("Remove numbers", "4 cars, -2.5 or 1,000 of b2b at 10:30", "cars, or of b2b at"),
        ("Remove special characters", "a-b_c|d ||| é#1", "a b c d ||| é 1"),
        ("Remove duplicate characters", "sooo good aaa 1000", "soo good aa 1000"),
        ("Remove email addresses", "to a.b+c@d-e.co.uk now @x", "to now @x"),
        ("Remove URLs", "see https://a.b/c?d=e, www.x.y z", "see z"),
        ("Normalize backslashes to slashes", r"a\b", "a/b"),
        ("Split tokens on special characters", "MS---WORD don't", "MS --- WORD don't"),
        (
            "Expand verb contractions",
            "I'm sure you'll see; Can't we’ve",
            "I am sure you will see; Can not we have",
        ),
        ("Remove stop words", "This is the Question", "Question"),
        ("Use lemmatization", "studies were running Boxes", "study be run box"),
    ],
)
def test_each_step_does_its_own(step: str, text: str, cleaned: str) -> None:
    assert _only(text, **{step.replace(" ", "_"): True}) == cleaned


def test_every_simple_step_has_a_parameter_that_is_on_by_default() -> None:
    for name in STEPS:
        parameter = spec_of(NAME).parameter(name)
        assert parameter is not None and parameter.default is True


def test_stop_words_of_ones_own_take_the_place_of_ours() -> None:
    words = pd.DataFrame({"w": ["Question", " big "]})
    assert _clean("this is the big question", words, Use_lemmatization=False) == "this is the"


def test_an_expression_is_replaced_before_all_other_steps() -> None:
    assert _only("a1b22", Custom_regular_expression=r"\d+", Custom_replacement_string="-") == "a-b-"
    assert _only("ab", Custom_regular_expression="(a)(b)", Custom_replacement_string="$2$1") == "ba"
    assert _only("a1b", Custom_regular_expression=r"\d") == "ab"


def test_missing_texts_stay_missing() -> None:
    assert pd.isna(_clean(None))


def test_rows_of_another_language_keep_their_words() -> None:
    table = pd.DataFrame({"t": ["the books", "die Autos is"], "l": ["en-US", "de"]})
    values = {"Text column to clean": ["t"], "Culture-language column": ["l"]}
    (made,) = run(NAME, table, values)
    assert frame(made)["Preprocessed t"].tolist() == ["book", "die autos is"]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("D301", {"Remove by part-of-speech": "True"}),
        ("M0002", {"Custom regular expression": "("}),
        ("M0002", {"Custom regular expression": "a", "Custom replacement string": "$7"}),
        ("M0017", {"Text column to clean": ["n"]}),
    ],
)
def test_what_cannot_be_done_is_told(code: str, values: dict[str, Any]) -> None:
    table = pd.DataFrame({"t": ["x"], "n": [1]})
    assert code_of(NAME, table, {"Text column to clean": ["t"], **values}) == code


def test_stop_words_of_several_columns_are_error_22() -> None:
    table, words = pd.DataFrame({"t": ["x"]}), pd.DataFrame({"a": ["x"], "b": ["y"]})
    assert code_of(NAME, [table, words], {"Text column to clean": ["t"]}) == "M0022"


@quiet
@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=60))  # type: ignore[arg-type]
def test_any_text_is_cleaned_and_a_clean_one_has_neither_capitals_nor_special_characters(text: str) -> None:
    cleaned = _clean(text)
    assert cleaned == cleaned.strip() and "  " not in cleaned
    bare = cleaned.replace("|||", "")
    assert bare == bare.lower()
    assert all(letter.isalnum() or letter == " " or not letter.isascii() for letter in bare)
