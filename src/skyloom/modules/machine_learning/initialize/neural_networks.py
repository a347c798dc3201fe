"""What the three neural networks share: parameters (studio.md, Appendix A) and estimators (2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.parameter import Parameter
from skyloom.core.problem import Problem, ProblemError
from skyloom.modules.machine_learning.initialize.settings import (
    LEAST_POSITIVE,
    RANGE,
    SEED,
    SINGLE,
    TRAINER_MODE,
    seed,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

SPECIFICATION, SPECIFICATION_1 = "Hidden layer specification", "Hidden layer specification1"
FULLY, SCRIPT = "Fully-connected case", "Custom definition script"
NODES, NODES_1 = "Number of hidden nodes", "Number of hidden nodes1"
RATE, ITERATIONS = "Learning rate", "Number of learning iterations"
NORMALIZER, MOMENTUM, SHUFFLE = "The type of normalizer", "The momentum", "Shuffle examples"
BINNING = "Binning normalizer"
NORMALIZERS = (BINNING, "Gaussian normalizer", "Min-Max normalizer", "Do not normalize")


def parameters() -> tuple[Parameter, ...]:
    """Of all three modules alike."""
    return (
        trainer_mode(),
        _specification(SPECIFICATION, SINGLE, ""),
        _specification(SPECIFICATION_1, RANGE, SPECIFICATION),
        Parameter(
            "The initial learning weights diameter",
            "float",
            0.1,
            minimum=LEAST_POSITIVE,
            affects_result=False,
            doc="Kept for old graphs and without effect: the first weights depend on the layers.",
        ),
        single(
            "The learning rate",
            "float",
            0.1,
            "How far each step goes.",
            low=LEAST_POSITIVE,
            high=2.0,
            label=RATE,
        ),
        swept("Range for learning rate", "0.1; 0.2; 0.4", RATE),
        Parameter(
            MOMENTUM, "float", 0, minimum=0, maximum=1, doc="How much of the last step each step keeps."
        ),
        Parameter(
            NORMALIZER,
            "choice",
            "Min-Max normalizer",
            choices=NORMALIZERS,
            doc="How numbers are scaled. The binning normalizer of the old product is not offered.",
        ),
        _nodes(NODES, SPECIFICATION, ""),
        _nodes(NODES_1, SPECIFICATION_1, NODES),
        single(ITERATIONS, "int", 100, "How often the network sees all rows at most.", low=1),
        swept("Range for number of learning iterations", "20; 40; 80; 160", ITERATIONS),
        Parameter(SHUFFLE, "bool", True, doc="See the rows in another order each time."),
        seed(),
        unknown_levels(),
    )


SWEPT: Mapping[str, tuple[str, str, type]] = {
    RATE: ("The learning rate", "Range for learning rate", float),
    ITERATIONS: (ITERATIONS, "Range for number of learning iterations", int),
}


def kept(values: Mapping[str, Any]) -> dict[str, str]:
    """Wire names, by friendly name, of what is never swept, on the active branch.

    Raises
    ------
    ProblemError
        D201 a choice that is not offered.
    """
    is_single = values[TRAINER_MODE] == SINGLE
    specification, nodes = (SPECIFICATION, NODES) if is_single else (SPECIFICATION_1, NODES_1)
    for parameter, choice, fix in (
        (specification, SCRIPT, f"Choose '{FULLY}' and write the widths of the hidden layers."),
        (NORMALIZER, BINNING, "Choose another normalizer, or put Group Data into Bins before training."),
    ):
        if values.get(parameter) == choice:
            raise ProblemError(Problem("D201", f"'{choice}' is not offered here.", parameter, fix))
    layer_widths(str(values[nodes]))
    return {NODES: nodes, MOMENTUM: MOMENTUM, SHUFFLE: SHUFFLE, SEED: SEED}


def build_classifier(settings: Mapping[str, Any], rows: int) -> Any:
    """MLPClassifier by stochastic gradient descent."""
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(**_options(settings))


def build_regressor(settings: Mapping[str, Any], rows: int) -> Any:
    """MLPRegressor by stochastic gradient descent."""
    from sklearn.neural_network import MLPRegressor

    return MLPRegressor(**_options(settings))


def layer_widths(text: str) -> tuple[int, ...]:
    """The widths of the hidden layers, such as "100" or "20, 10".

    Raises
    ------
    ProblemError
        M0002 when the text is no list of whole numbers from 1 on.
    """
    from skyloom.modules.studio_error import studio_error

    try:
        widths = tuple(int(part) for part in text.replace(";", ",").split(",") if part.strip())
    except ValueError:
        widths = ()
    if not widths or min(widths) < 1:
        raise studio_error(
            2,
            f"'{text}' is no list of widths of hidden layers.",
            NODES,
            "Write whole numbers with commas between them, such as 100 or 20, 10.",
        )
    return widths


def _options(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": layer_widths(str(settings[NODES])),
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": settings[RATE],
        "momentum": settings[MOMENTUM],
        "max_iter": settings[ITERATIONS],
        "shuffle": settings[SHUFFLE],
        "random_state": settings.get(SEED) or 0,
    }


def _specification(name: str, mode: str, label: str) -> Parameter:
    return Parameter(
        name,
        "choice",
        FULLY,
        choices=(FULLY, SCRIPT),
        shown_when=(TRAINER_MODE, (mode,)),
        label=label,
        doc="Hidden layers whose nodes see all nodes of the layer before. Network scripts are not offered.",
    )


def _nodes(name: str, specification: str, label: str) -> Parameter:
    return Parameter(
        name,
        "string",
        "100",
        shown_when=(specification, (FULLY,)),
        label=label,
        doc="The width of the hidden layer; of several, with commas between them.",
    )
