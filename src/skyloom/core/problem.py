"""What went wrong, said once in one shape everywhere. Also runs inside boxes (Python 3.8 and up)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Dict, Iterable, Tuple, Union

from skyloom.core.identity import Json


@dataclass(frozen=True)
class Problem:
    """One fault: a stable code, what happened, where, and the next action.

    ``traceback`` is the user's own stack trace, beginning at the user's first line; ours is never in it.
    """

    code: str
    message: str
    where: str = ""
    fix: str = ""
    traceback: str = ""

    def __str__(self) -> str:
        place = f" [{self.where}]" if self.where else ""
        fix = f" {self.fix}" if self.fix else ""
        return f"{self.code}: {self.message}{place}{fix}"

    def as_json(self) -> Dict[str, Json]:
        return dict(asdict(self))


class ProblemError(Exception):
    """Carries one problem or many; everything was checked before it was raised."""

    def __init__(self, problems: Union[Problem, Iterable[Problem]]) -> None:
        self.problems: Tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def problem(self) -> Problem:
        """The first problem: the one to show where there is room for one."""
        return self.problems[0]


def problem_from_json(value: object) -> Problem:
    """Read a problem a box or a server wrote; anything that is not text becomes text."""
    fields = value if isinstance(value, dict) else {}
    return Problem(
        **{name: str(fields.get(name, "")) for name in ("code", "message", "where", "fix", "traceback")}
    )
