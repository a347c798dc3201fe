"""What a step asks of its cluster, out of the words of its entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skyloom.core.module import PathOf
from skyloom.core.problem import Problem, ProblemError

_USUAL_MEMORY = "1g"


@dataclass(frozen=True)
class ClusterSettings:
    """A cluster: steps that ask for an equal one share it. ``compute`` is "" without a compute target."""

    compute: str = ""
    cores: int = 1
    memory: str = _USUAL_MEMORY
    conf: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    existing: str = ""  # existing_cluster_id
    may_restart: bool = False

    @property
    def key(self) -> str:
        """Equal for clusters that are the same."""
        return json.dumps(
            [self.compute, self.cores, self.memory, sorted(self.conf.items()), sorted(self.variables.items()),
             self.existing]
        )  # fmt: skip


def words_of(argv: Sequence[str | PathOf], option: str) -> list[tuple[str, str]]:
    """(name, value) of every word of an option that is no place."""
    threes = zip(argv[1::3], argv[2::3], argv[3::3])
    return [(str(name), value) for key, name, value in threes if key == option and isinstance(value, str)]


def cluster_settings(argv: Sequence[str | PathOf]) -> ClusterSettings:
    """The settings in a step's words.

    Raises
    ------
    ProblemError
        C121: they do not read.
    """
    told = dict(words_of(argv, "--cluster"))
    try:
        conf = json.loads(told.get("conf", "{}"))
        variables = json.loads(told.get("variables", "{}"))
        return ClusterSettings(
            told.get("compute", ""),
            max(1, int(told.get("cores", "1"))),
            told.get("memory") or str(conf.get("spark.driver.memory") or _USUAL_MEMORY),
            {str(key): str(value) for key, value in conf.items()},
            {str(key): str(value) for key, value in variables.items()},
            told.get("existing", ""),
            told.get("may_restart") == "True",
        )
    except (ValueError, AttributeError) as error:
        what = f"The cluster that the step asks for cannot be read: {error}."
        raise ProblemError(Problem("C121", what, "", "Submit the pipeline again.")) from error
