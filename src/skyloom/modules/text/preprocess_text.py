"""Preprocess Text: texts without what does not tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMN, LANGUAGE, BY_SPEECH = "Text column to clean", "Language", "Remove by part-of-speech"
CULTURE = "Culture-language column"
ENGLISH = (LANGUAGE, ("English",))

# wire name -> field of the preprocessing, and what the parameter does
STEPS = {
    "Detect sentences": ("sentences", "Put ||| between sentences."),
    "Normalize case to lowercase": ("lowercase", "Make capitals small."),
    "Remove numbers": ("numbers", "Leave numbers out; digits inside a word stay."),
    "Remove special characters": ("special", "Leave out all but letters, digits and blanks."),
    "Remove duplicate characters": ("duplicates", "Cut three or more equal letters in a row to two."),
    "Remove email addresses": ("emails", "Leave out words of the form name@host.end."),
    "Remove URLs": ("urls", "Leave out words that begin with http://, https://, ftp:// or www."),
}

_REMOVED = (BY_SPEECH, ("True",))

SPEC = ModuleSpec(
    name="Preprocess Text",
    version="v1.0",
    category="Text Analytics",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"), InputPort("Stop words", required=False)),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(LANGUAGE, "choice", "English", choices=("English",), doc="The language of the texts."),
        Parameter(
            CULTURE,
            "columns",
            shown_when=ENGLISH,
            doc="A column with the language of each row; only English rows lose stop words and get lemmas.",
        ),
        Parameter(COLUMN, "columns", required=True, doc="One text column."),
        Parameter(
            "Remove stop words",
            "bool",
            True,
            doc="Leave out words of the second input, or of our own list of English ones when it is empty.",
        ),
        Parameter(
            "Use lemmatization", "bool", True, doc="Put words into the form in which a dictionary has them."
        ),
        Parameter(
            BY_SPEECH,
            "choice",
            "False",
            choices=("True", "False"),
            shown_when=ENGLISH,
            doc="True is refused: it needs a trained model of the language, which is not part of Skyloom.",
        ),
        Parameter("Remove nouns", "bool", True, shown_when=_REMOVED, doc="See the choice above."),
        Parameter("Remove adjectives", "bool", True, shown_when=_REMOVED, doc="See the choice above."),
        Parameter("Remove verbs", "bool", True, shown_when=_REMOVED, doc="See the choice above."),
        *(Parameter(name, "bool", True, doc=doc) for name, (_, doc) in STEPS.items()),
        Parameter("Expand verb contractions", "bool", True, shown_when=ENGLISH, doc="Write don't as do not."),
        Parameter("Normalize backslashes to slashes", "bool", True, doc="Write \\ as /."),
        Parameter(
            "Split tokens on special characters", "bool", True, doc="Put blanks around special characters."
        ),
        Parameter(
            "Custom regular expression", "string", doc="What it finds is replaced before all other steps."
        ),
        Parameter("Custom replacement string", "string", doc="What takes its place; empty: nothing."),
    ),
    family="bf9e794a9e2b4662902a0e73b255c135",
    doc=(
        "Adds a column 'Preprocessed NAME'. Lemmas and stop words come from rules and lists of our own, "
        "which need no network; the old product's language model had others, so single words may come out "
        "otherwise."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A.

    Raises
    ------
    ProblemError
        M0017 the column is no text; M0022 the stop words have several columns; M0002 an expression that is
        none; D301 words are to be removed by part of speech.
    """
    from skyloom.modules.tables.naming import with_appended
    from skyloom.modules.tables.selection import picked_column
    from skyloom.modules.text.preprocess_request import english_rows, preprocessing_of, text_column
    from skyloom.modules.text.words import texts_of

    table = inputs["Dataset"]
    steps = preprocessing_of(
        values, inputs["Stop words"], {name: field for name, (field, _) in STEPS.items()}
    )
    name = picked_column(table, values, COLUMN)
    texts = texts_of(table.column(name), COLUMN)
    is_english = english_rows(table, values, CULTURE)
    cleaned = [steps.cleaned(text, english) for text, english in zip(texts, is_english)]
    made = text_column(f"Preprocessed {name}", cleaned, table.column(name))
    return {"Results dataset": with_appended(table, [made])}
