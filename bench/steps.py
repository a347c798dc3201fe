"""The chain of steps that is measured; it imports no more than users' own code does."""

from __future__ import annotations

from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import PythonScriptStep


def chain_of_steps(source: str, count: int, reuse: bool) -> list[PipelineStep]:
    """Steps that each read what the one before wrote (nothing but an empty file)."""
    return steps_in_a_row(source, count, None, reuse)


def steps_in_a_row(
    source: str, count: int, pool: str | None = None, reuse: bool = False
) -> list[PipelineStep]:
    """The same on a pool; None: on this machine as such."""
    steps: list[PipelineStep] = []
    before: PipelineData | None = None
    for number in range(count):
        made = PipelineData(f"made{number}")
        steps.append(
            PythonScriptStep(
                "step.py",
                f"step{number}",
                [made],
                pool,
                inputs=[before] if before is not None else [],
                outputs=[made],
                source_directory=source,
                allow_reuse=reuse,
            )
        )
        before = made
    return steps


def steps_side_by_side(source: str, count: int, pool: str | None = None) -> list[PipelineStep]:
    """Steps that need nothing of each other, on one pool."""
    return [
        PythonScriptStep(
            "step.py",
            f"step{number}",
            ["made"],
            compute_target=pool,
            source_directory=source,
            allow_reuse=False,
        )
        for number in range(count)
    ]
