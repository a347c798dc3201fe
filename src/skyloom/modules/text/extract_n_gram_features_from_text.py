"""Extract N-Gram Features from Text: texts as columns of weights of words and runs of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMN, MODE = "Text column", "Vocabulary mode"
CREATE, READ, UPDATE, MERGE = "Create", "ReadOnly", "Update", "Merge"
WEIGHTING, GRAPH = "Weighting function", "Graph Weight"
FILTER, METHOD, COUNT = "Use filter-based feature selection", "Feature scoring method", "Count Based"
WITH_TARGET = (
    "Pearson Correlation",
    "Mutual Information",
    "Kendall Correlation",
    "Spearman Correlation",
    "Chi Squared",
    "Fisher Score",
)

SPEC = ModuleSpec(
    name="Extract N-Gram Features from Text",
    version="v1.0",
    category="Text Analytics",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"), InputPort("Input vocabulary", required=False)),
    outputs=(OutputPort("Results dataset"), OutputPort("Result vocabulary")),
    parameters=(
        Parameter(COLUMN, "columns", required=True, doc="One text column."),
        Parameter(
            MODE,
            "choice",
            CREATE,
            choices=(CREATE, READ, UPDATE, MERGE),
            doc=(
                "Count a vocabulary in these texts; take that of the second input; count on from it; or take "
                "it and add the n-grams that are new in these texts."
            ),
        ),
        Parameter(
            "N-Grams size", "int", 1, minimum=1, doc="Runs of up to so many words.", label="N-grams size"
        ),
        Parameter(
            "K-Skip size", "int", 0, minimum=0, doc="Up to so many words may be left out inside a run."
        ),
        Parameter(
            WEIGHTING,
            "choice",
            "Binary Weight",
            choices=("Binary Weight", "TF Weight", "IDF Weight", "TF-IDF Weight", GRAPH),
            doc=(
                "1 for an n-gram that occurs; how often it does; its inverse document frequency (the natural "
                "logarithm of texts over texts that have it); or their product. Graph Weight is refused: its "
                "rule was never published."
            ),
        ),
        Parameter("Minimum word length", "int", 3, minimum=1, doc="Shorter words are left out."),
        Parameter("Maximum word length", "int", 25, minimum=2, doc="Longer words are left out."),
        Parameter(
            "Minimum n-gram document absolute frequency",
            "float",
            5.0,
            minimum=1,
            doc="An n-gram enters the vocabulary when at least so many texts have it.",
        ),
        Parameter(
            "Maximum n-gram document ratio",
            "float",
            1.0,
            minimum=0.0001,
            doc="An n-gram enters the vocabulary when at most this share of the texts has it.",
        ),
        Parameter(
            "Detect out-of-vocabulary rows",
            "bool",
            True,
            doc="Say in the log how many texts have words but no n-gram of the vocabulary.",
        ),
        Parameter(
            "Mark begin-of-sentence", "bool", False, doc="Take the beginning of a sentence for a word, '^'."
        ),
        Parameter(
            "Normalize n-gram feature vectors",
            "bool",
            False,
            doc="Divide each text's weights by their length.",
        ),
        Parameter(
            FILTER,
            "choice",
            "True",
            choices=("True", "False"),
            doc="Keep only the best n-grams; without a target column there is nothing to choose by.",
        ),
        Parameter(
            METHOD,
            "choice",
            "Fisher Score",
            choices=(*WITH_TARGET, COUNT),
            shown_when=(FILTER, ("True",)),
            doc="As in Filter Based Feature Selection.",
        ),
        Parameter(
            "Target column",
            "columns",
            shown_when=(METHOD, WITH_TARGET),
            doc="The column to be told; empty keeps every n-gram.",
        ),
        Parameter(
            "Number of desired features",
            "int",
            1,
            minimum=1,
            shown_when=(METHOD, WITH_TARGET),
            doc="How many n-grams are kept.",
        ),
        Parameter(
            "Minimum number of non-zero elements",
            "int",
            1,
            minimum=1,
            shown_when=(METHOD, (COUNT,)),
            doc="N-grams that fewer texts have are left out.",
        ),
    ),
    family="a8a662d089bb48c985629b9589124c4a",
    doc=(
        "Adds a column NAME.[n-gram] for each n-gram of the vocabulary. The second output is the vocabulary: "
        "connect it to the second input, with the mode ReadOnly, to describe other texts by the same columns."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A.

    Raises
    ------
    ProblemError
        M0017 the column is no text; M0003 no vocabulary where the mode needs one, M0018 it is none; M0007
        word lengths the wrong way round; D005 too many n-grams; D301 Graph Weight.
    """
    from skyloom.modules.tables.naming import with_appended
    from skyloom.modules.tables.selection import picked_column
    from skyloom.modules.text.ngram_features import feature_columns, ngram_weights, unit_length
    from skyloom.modules.text.ngram_request import (
        fitting_vocabulary,
        refuse_unusable,
        rules_of,
        selected_vocabulary,
        tell_unknown,
    )
    from skyloom.modules.text.words import texts_of

    table = inputs["Dataset"]
    refuse_unusable(values, inputs["Input vocabulary"])
    name = picked_column(table, values, COLUMN)
    texts, rules = texts_of(table.column(name), COLUMN), rules_of(values)
    vocabulary = fitting_vocabulary(texts, inputs["Input vocabulary"], rules, values)
    vocabulary = selected_vocabulary(table, texts, vocabulary, rules, values)
    weights = ngram_weights(texts, vocabulary, rules, values[WEIGHTING])
    if values["Detect out-of-vocabulary rows"]:
        tell_unknown(texts, weights)
    if values["Normalize n-gram feature vectors"]:
        weights = unit_length(weights)
    columns = feature_columns(name, vocabulary, weights)
    return {"Results dataset": with_appended(table, columns), "Result vocabulary": vocabulary.as_table()}
