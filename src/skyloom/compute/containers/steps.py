"""The entry of this part of the room: a step whose environment is an image, from task to outcome."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from skyloom.compute.console import OnConsole
from skyloom.compute.containers.engine import Engines
from skyloom.compute.containers.images import Images
from skyloom.compute.containers.place import StepPlace, leftovers, remove_leftovers
from skyloom.compute.containers.step_run import ISOLATION, ContainerRun
from skyloom.compute.instance import Instance
from skyloom.core.environment import Environment
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Reason, Task


class ContainerSteps:
    """The containers of one agent. Ends, when it is made, those that an agent of this home left.

    Parameters
    ----------
    instance
        Where folders and user ids come from.
    home
        The agent's home; names of containers are kept there while they run.
    """

    def __init__(self, engines: Engines, images: Images, instance: Instance, home: Path) -> None:
        self._engines = engines
        self._images = images
        self._instance = instance
        self._marks = os.fspath(home / "containers")
        self.swept: list[str] = []
        if any(leftovers(self._marks, instance.id)):  # the engine is asked only where it was used
            engine = engines.find()
            if engine is not None:
                self.swept = remove_leftovers(engine, self._marks, instance.id)

    def execute(
        self,
        task: Task,
        environment: Environment,
        *,
        canceled: threading.Event,
        on_console: OnConsole | None = None,
    ) -> Outcome:
        """Carry out one step; blocking, from any thread."""
        try:
            if task.isolation is not None:
                raise ProblemError(_no_level(task.isolation))
            image = self._images.ready(environment, lambda line: None)
            engine = self._engines.required()
            place = StepPlace(self._instance, self._marks)
        except ProblemError as error:
            return Outcome(reason=Reason.REJECTED, problem=error.problem, isolation=ISOLATION)
        except OSError as error:
            problem = Problem("C170", f"No folder for the step's container: {error}.", "", "Make room.")
            return Outcome(reason=Reason.REJECTED, problem=problem, isolation=ISOLATION)
        try:
            run = ContainerRun(task, engine, image, place, on_console)
            return run.run(canceled, bool(task.compatibility))
        finally:
            place.clean()


def _no_level(level: str) -> Problem:
    what = f"The run asks for isolation {level!r}, which is a box's; a step in an image runs in a container."
    return Problem(
        "C171", what, "", "Leave the run's isolation open, or name packages in place of the image."
    )
