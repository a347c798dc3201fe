"""Latent Dirichlet Allocation: texts as shares of topics, and topics as weights of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMNS, TOPICS, ALL = "Target columns", "Number of topics to model", "Show all options"
DICTIONARY, DICTIONARY_PRIOR = "Build dictionary of ngrams", "Build dictionary of ngrams prior to LDA"
GREATEST = 2147483647
TRUTH = ("True", "False")
LEAST = 5e-324  # the least number above 0

_SHOWN, _HIDDEN = (ALL, ("True",)), (ALL, ("False",))

SPEC = ModuleSpec(
    name="Latent Dirichlet Allocation",
    version="v1.0",
    category="Text Analytics",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(
        OutputPort("Transformed dataset"),
        OutputPort("Feature topic matrix"),
        OutputPort("LDA transformation", "ITransform"),
    ),
    parameters=(
        Parameter(
            COLUMNS, "columns", required=True, label="Target column(s)", doc="Text columns, read as one text."
        ),
        Parameter(TOPICS, "int", 5, minimum=1, maximum=1000, doc="How many topics there are."),
        Parameter("N-grams", "int", 2, minimum=1, maximum=10, doc="Count runs of up to so many words."),
        Parameter(
            "Normalize", "bool", True, doc="Make the weights of each text, and of each topic, sum to 1."
        ),
        Parameter(
            ALL, "choice", "False", choices=TRUTH, doc="Whether the following have values of your own."
        ),
        Parameter(
            "Rho parameter",
            "float",
            0.01,
            minimum=LEAST,
            maximum=1,
            shown_when=_SHOWN,
            doc="Prior of the words of a topic: the smaller, the fewer words it has.",
        ),
        Parameter(
            "Alpha parameter",
            "float",
            0.01,
            minimum=LEAST,
            maximum=1,
            shown_when=_SHOWN,
            doc="Prior of the topics of a text: the smaller, the fewer topics it has.",
        ),
        Parameter(
            "Estimated number of documents",
            "int",
            1000,
            minimum=1,
            maximum=GREATEST,
            shown_when=_SHOWN,
            doc="How many texts there are to be in all.",
        ),
        Parameter(
            "Size of the batch",
            "int",
            32,
            minimum=1,
            maximum=1024,
            shown_when=_SHOWN,
            doc="Texts between two changes of the topics.",
        ),
        Parameter(
            "Initial value of iteration count",
            "int",
            10,
            minimum=1,
            maximum=GREATEST,
            shown_when=_SHOWN,
            label="Initial value of iteration used in learning rate update schedule",
            doc="The greater, the less the first texts count.",
        ),
        Parameter(
            "Power applied to the iteration during updates",
            "float",
            0.5,
            minimum=0.5,
            maximum=1,
            shown_when=_SHOWN,
            doc="How quickly later texts count less.",
        ),
        Parameter(
            "passes",
            "int",
            25,
            minimum=1,
            maximum=1024,
            shown_when=_SHOWN,
            label="Number of training iterations",
            doc="How often all texts are gone through.",
        ),
        Parameter(
            DICTIONARY,
            "choice",
            "True",
            choices=TRUTH,
            shown_when=_HIDDEN,
            doc="Count n-grams by themselves; otherwise by their hash.",
        ),
        Parameter(
            "Maximum size of ngram dictionary",
            "int",
            20000,
            minimum=1,
            maximum=GREATEST,
            shown_when=(DICTIONARY, ("True",)),
            doc="The most frequent n-grams count.",
        ),
        Parameter(
            "Number of hash bits",
            "int",
            12,
            minimum=1,
            maximum=31,
            shown_when=(DICTIONARY, ("False",)),
            label="Number of bits to use for feature hashing",
            doc="2 to this power is the number of words; 16 at most.",
        ),
        Parameter(
            DICTIONARY_PRIOR,
            "choice",
            "True",
            choices=TRUTH,
            shown_when=_SHOWN,
            doc="Count n-grams by themselves; otherwise by their hash.",
        ),
        Parameter(
            "Maximum number of ngrams in dictionary",
            "int",
            20000,
            minimum=1,
            maximum=GREATEST,
            shown_when=(DICTIONARY_PRIOR, ("True",)),
            doc="The most frequent n-grams count.",
        ),
        Parameter(
            "Hash bits",
            "int",
            12,
            minimum=1,
            maximum=31,
            shown_when=(DICTIONARY_PRIOR, ("False",)),
            label="Number of hash bits",
            doc="2 to this power is the number of words; 16 at most.",
        ),
    ),
    family="1aec5388415d4f7cb33fc9e9f4c0ce56",
    doc=(
        "Adds columns Topic 1, Topic 2, ... with the share that each topic has in a text. The second output "
        "has the weight of each word in each topic, the third does the same to other texts. Topics have no "
        "order that the old product's would agree with."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A; scikit-learn's online variational inference.

    Raises
    ------
    ProblemError
        M0017 a selected column is no text; M0007 more than 16 hash bits; M0039 no text has any word.
    """
    from skyloom.modules.tables.selection import picked_columns
    from skyloom.modules.text.topic_words import words_to_count
    from skyloom.modules.text.topics import fit_topics, joined_texts, topic_table

    table = inputs["Dataset"]
    given = {parameter.name: values.get(parameter.name, parameter.default) for parameter in SPEC.parameters}
    names = picked_columns(table, values, COLUMNS)
    texts = joined_texts(table, names)
    transformation = fit_topics(names, texts, words_to_count(texts, values), given)
    return {
        "Transformed dataset": transformation.apply(table),
        "Feature topic matrix": topic_table(transformation),
        "LDA transformation": transformation,
    }
