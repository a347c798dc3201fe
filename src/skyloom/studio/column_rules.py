"""Column rules: what columns a module will give, told from those it gets (studio.md 3.1).

One function a module or kind of module; what learning modules give is in score_column_rules.py. A rule may
raise LookupError (it depends on cells) or ProblemError (a selection that does not fit): then there is no
prediction. Modules without a rule are those whose columns only their script, file or archive knows.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace

from skyloom.core.generation import CLASSIC, GENERATION
from skyloom.data.column_schema import INACCURATE
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.names import unique_names
from skyloom.modules.statistics.apply_math_operation import ARGUMENTS, FUNCTIONS
from skyloom.modules.tables.name_list import split_names
from skyloom.modules.tables.roles import in_role
from skyloom.modules.tables.two_sided_names import joined_names, names_beside
from skyloom.studio.column_rule import (
    Asked,
    Rule,
    Told,
    always,
    appended,
    as_number,
    number,
    perhaps_fewer,
    replaced,
    retyped,
    unsure,
)
from skyloom.studio.score_column_rules import SCORE_RULES

_MOST_BITS = 31
_SUMMARY = (
    *("Min", "Max", "Mean", "Mean Deviation", "1st Quartile", "Median", "3rd Quartile", "Mode", "Range"),
    *("Sample Variance", "Sample Standard Deviation", "Sample Skewness", "Sample Kurtosis"),
    *("P0.5", "P1", "P5", "P95", "P99", "P99.5"),
)


def _same(asked: Asked) -> Told:
    """Rows change, columns do not."""
    return Told(asked.columns)


def _typed(asked: Asked) -> Told:
    """The header of what was typed; the types are found when it is read."""
    form = asked.values.get("DataFormat")
    if form not in ("CSV", "TSV"):
        raise LookupError("the reader of the format knows")
    separator = "," if form == "CSV" else "\t"
    lines = str(asked.values["Data"] or "").replace("\u200b", "").lstrip("\ufeff\r\n").splitlines()
    first = next(csv.reader(lines[:1], delimiter=separator, skipinitialspace=True), [])
    headed = asked.values.get("HasHeader", True)
    names = [name.strip() if headed else "" for name in first]
    names = [name or f"Col{place}" for place, name in enumerate(names, 1)]
    return unsure(tuple(ColumnAttributes(name, "String") for name in unique_names(names)))


def _select(asked: Asked) -> Told:
    return Told(asked.picked("Select Columns"))


def _converted(asked: Asked) -> Told:
    """Values that are replaced may change types."""
    return Told(asked.columns) if asked.values.get("Action") == "None" else unsure(asked.columns)


def _clean(asked: Asked) -> Told:
    columns, mode = asked.columns, asked.values.get("Cleaning mode")
    if mode == "Remove entire column":
        return perhaps_fewer(columns)
    drops_hollow = asked.values.get("Cols with all missing values") == "Remove"
    if not asked.values.get("Generate missing value indicator column"):
        return perhaps_fewer(columns) if drops_hollow else Told(columns)
    taken, new = {column.name for column in columns}, []
    for column in asked.picked("Columns to be cleaned"):
        name, count = f"{column.name}_IsMissing", 0
        while name in taken:
            count += 1
            name = f"{column.name}_IsMissing ({count})"
        taken.add(name)
        new.append(ColumnAttributes(name, "Boolean"))
    return perhaps_fewer((*columns, *new))


def _edit(asked: Asked) -> Told:
    edited = [_edited(column, asked.values) for column in asked.picked("Column")]
    columns = replaced(asked.columns, edited)
    renamed = split_names(str(asked.values.get("New Column Name") or ""))
    names = dict(zip((column.name for column in edited), renamed)) if len(renamed) == len(edited) else {}
    return Told(tuple(replace(column, name=names.get(column.name, column.name)) for column in columns))


def _edited(column: ColumnAttributes, values: Mapping[str, object]) -> ColumnAttributes:
    kind, was_category = values.get("Data Type", "Unchanged"), column.type == "Categorical"
    if kind != "Unchanged":
        column = (
            replace(column, underlying=str(kind), ordered=False)
            if was_category
            else retyped(column, str(kind))
        )
    match values.get("Categorical"):
        case "Categorical" if not was_category:
            column = retyped(column, "Categorical", column.type)
        case "NonCategorical" if was_category:
            column = retyped(column, column.underlying or "String")
    role = str(values.get("Fields", "Unchanged"))
    return column if role in ("Unchanged", "Weights", "ClearWeights") else in_role(column, role)


def _side_by_side(asked: Asked) -> Told:
    left, right = asked.inputs["Left dataset"], asked.inputs["Right dataset"]
    given_away = {role for column in left for role in (column.label_role, column.score_role) if role}
    right = tuple(
        column.as_feature() if given_away & {column.label_role, column.score_role} else column
        for column in right
    )
    generation = str(asked.values.get(GENERATION.name, CLASSIC))
    names = names_beside([one.name for one in left], [one.name for one in right], generation)
    return Told(tuple(replace(one, name=name) for one, name in zip((*left, *right), names)))


def _join(asked: Asked) -> Told:
    left, right = asked.inputs["Dataset1"], asked.inputs["Dataset2"]
    if asked.values.get("Join type") == "Left Semi-Join":
        return Told(tuple(column.as_feature() for column in left))
    if asked.values.get("Keep right key columns in joined table") is False:
        keys = asked.picked("Comma-separated case-sensitive names of join key columns for R", right)
        right = tuple(column for column in right if column not in keys)
    generation = str(asked.values.get(GENERATION.name, CLASSIC))
    names = joined_names([one.name for one in left], [one.name for one in right], generation)
    return Told(tuple(replace(one.as_feature(), name=name) for one, name in zip((*left, *right), names)))


def _indicators(asked: Asked) -> Told:
    """The categories are in the cells."""
    gone = asked.picked("Categorical columns to convert")
    overwrites = bool(asked.values.get("Overwrite categorical columns"))
    return unsure(tuple(column for column in asked.columns if not (overwrites and column in gone)))


def _binned(asked: Asked) -> Told:
    scale = asked.values.get("Quantile normalization", "QuantileIndex")
    kind = "Integer" if scale == "QuantileIndex" else "Double"
    if asked.values["Tag columns as categorical"]:
        made = [retyped(column, "Categorical", kind) for column in asked.picked("Columns to bin")]
    else:
        made = [retyped(column, kind) for column in asked.picked("Columns to bin")]
    match asked.values["Output mode"]:
        case "Inplace":
            return Told(replaced(asked.columns, made))
        case "ResultOnly":
            return Told(tuple(made))
        case _:
            new = [replace(column, name=f"{column.name}_quantized") for column in made]
            return Told(appended(asked.columns, new))


def _normalized(asked: Asked) -> Told:
    made = [as_number(column) for column in asked.picked("Columns to transform")]
    return Told(replaced(asked.columns, made))


def _clipped(asked: Asked) -> Told:
    columns = asked.columns
    for column in asked.picked("List of columns"):
        place = next(at for at, known in enumerate(columns) if known.name == column.name)
        if asked.values["Overwrite flag"]:
            columns = (*columns[:place], as_number(column), *columns[place + 1 :])
            new = []
        else:
            new = [number(f"{column.name}_clipped_value")]
        if asked.values["Add indicator columns"]:
            new.append(ColumnAttributes(f"{column.name}_clipped", "Boolean"))
        named = appended(columns, new)[len(columns) :]
        columns = (*columns[: place + 1], *named, *columns[place + 1 :])
    return Told(columns)


def _reduced(asked: Asked) -> Told:
    gone = asked.picked("Selected columns")
    kept = tuple(column for column in asked.columns if column not in gone)
    count = asked.count("Number of dimensions to reduce to")
    return Told(appended(kept, [number(f"Col{place}") for place in range(1, count + 1)]))


def _filtered(asked: Asked) -> Told:
    """The scores tell which columns stay, and their order."""
    by_count = asked.values["Feature scoring method"] == "CountBased"
    target = () if by_count else asked.picked("Target column")
    features_only = bool(asked.values.get("Operate on feature columns only", True))
    scored = tuple(
        column
        for column in asked.columns
        if column not in target and (column.is_feature or not features_only)
    )
    kept = (*target, *scored)
    if asked.port == "Features":
        kept = tuple(number(column.name) for column in kept)
    return perhaps_fewer(kept)


def _summary(asked: Asked) -> Told:
    counts = ("Count", "Unique Value Count", "Missing Value Count")
    whole = tuple(ColumnAttributes(name, "Integer") for name in counts)
    return always((ColumnAttributes("Feature", "String"), *whole, *map(number, _SUMMARY)))


def _elementary(asked: Asked) -> Told:
    method = asked.values["Method"]
    return Told(tuple(number(f"{method}({column.name})") for column in asked.picked("Column set")))


def _correlated(asked: Asked) -> Told:
    return Told(tuple(number(column.name) for column in asked.columns))


def _computed(asked: Asked) -> Told:
    category = asked.values["Category"]
    function = asked.values[FUNCTIONS[category][0]]
    first = asked.picked("Column set")
    labels = [column.name for column in first]
    if function in FUNCTIONS[category][2]:
        kind, constant, parameter, _ = ARGUMENTS[category]
        if asked.values[kind] == "Constant":
            labels = [f"{label}_{float(asked.values[constant]):g}" for label in labels]
        else:
            others = [column.name for column in asked.picked(parameter)]
            others = others * len(labels) if len(others) == 1 else others
            labels = [f"{label}_{other}" for label, other in zip(labels, others)]
    if asked.values["Output mode"] == "Inplace":
        return Told(replaced(asked.columns, [as_number(column).as_feature() for column in first]))
    before = asked.columns if asked.values["Output mode"] == "Append" else ()
    return Told(appended(before, [number(f"{function}({label})") for label in labels]))


def _hashed(asked: Asked) -> Told:
    bits, texts = asked.count("Hashing bitsize"), asked.picked("Target column")
    if bits > _MOST_BITS or len(asked.columns) + len(texts) * 2**bits > MAX_COLUMNS:
        raise LookupError("no table is as wide")
    places = range(1, 2**bits + 1)
    new = [number(f"{column.name}_HashingFeature.{place}") for column in texts for place in places]
    return Told(appended(asked.columns, new))


def _preprocessed(asked: Asked) -> Told:
    new = [
        ColumnAttributes(f"Preprocessed {column.name}", "String")
        for column in asked.picked("Text column to clean", asked.inputs["Dataset"])
    ]
    return Told(appended(asked.inputs["Dataset"], new))


def _ngrams(asked: Asked) -> Told:
    """The words are in the cells; a vocabulary has the same columns always."""
    if asked.port != "Result vocabulary":
        return unsure(asked.inputs["Dataset"])
    fixed = (ColumnAttributes("Id", "Integer"), ColumnAttributes("NGram", "String"))
    return always((*fixed, number("DF"), number("IDF")))


def _topics(asked: Asked) -> Told:
    count = asked.count("Number of topics to model")
    topics = [number(f"Topic {place}") for place in range(1, count + 1)]
    if asked.port == "Feature topic matrix":
        return always((ColumnAttributes("Feature", "String"), *topics))
    return Told(appended(asked.columns, topics))


def _transformed(asked: Asked) -> Told:
    """What the module that made the transformation would give of this dataset."""
    columns = asked.inputs["Dataset"]
    maker = asked.source("Transformation")
    if maker is None:
        return unsure(columns)  # a saved one
    if maker.module == "Select Columns Transform":
        by_name = {column.name: column for column in columns}
        return Told(tuple(by_name[column.name] for column in maker.columns), maker.level)
    rule, port = RULES.get(maker.module), _TRANSFORMS.get(maker.module)
    if rule is None or port is None or not maker.inputs:
        return unsure(columns)
    told = rule(replace(maker, port=port, inputs={next(iter(maker.inputs)): columns}))
    # its selection was made among its own columns
    alike = [(one.name, one.type) for one in columns] == [(one.name, one.type) for one in maker.columns]
    return replace(told, level=told.level if alike else INACCURATE)


# modules whose transformation does what they do themselves, and the output that shows it
_TRANSFORMS: Mapping[str, str] = {
    "Clean Missing Data": "Cleaned dataset",
    "Convert to Indicator Values": "Results dataset",
    "Group Data into Bins": "Quantized dataset",
    "Latent Dirichlet Allocation": "Transformed dataset",
    "Normalize Data": "Transformed dataset",
    "Principal Component Analysis": "Results dataset",
}

# by the module's name; a module that is not here has no rule
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(
        (
            "Split Data",
            "Partition and Sample",
            "Remove Duplicate Rows",
            "Convert to CSV",
            "Convert to TSV",
            "Convert to ARFF",
            "Convert to SVMLight",
            "Add Rows",
            "SMOTE",
            "Export Data",
        ),
        _same,
    ),
    "Add Columns": _side_by_side,
    "Apply Math Operation": _computed,
    "Apply Transformation": _transformed,
    "Clean Missing Data": _clean,
    "Clip Values": _clipped,
    "Compute Elementary Statistics": _elementary,
    "Compute Linear Correlation": _correlated,
    "Convert to Dataset": _converted,
    "Convert to Indicator Values": _indicators,
    "Edit Metadata": _edit,
    "Enter Data Manually": _typed,
    "Extract N-Gram Features from Text": _ngrams,
    "Feature Hashing": _hashed,
    "Filter Based Feature Selection": _filtered,
    "Group Data into Bins": _binned,
    "Join Data": _join,
    "Latent Dirichlet Allocation": _topics,
    "Normalize Data": _normalized,
    "Preprocess Text": _preprocessed,
    "Principal Component Analysis": _reduced,
    "Select Columns in Dataset": _select,
    "Summarize Data": _summary,
    **SCORE_RULES,
}


def predicted(asked: Asked) -> Told | None:
    """The columns of an output port; None where no rule says anything, or a draft's values make no sense."""
    rule = RULES.get(asked.module)
    if rule is None:
        return None
    try:
        return rule(asked)
    except (LookupError, TypeError, ValueError):
        return None
