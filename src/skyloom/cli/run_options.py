"""What the command line's options say about how a run is carried out."""

from __future__ import annotations

from skyloom.cli.options import Switch
from skyloom.cli.sizes import half_of_memory
from skyloom.core.identity import NodeId
from skyloom.core.run import RunOptions
from skyloom.core.task import Limits

DISK_BYTES = Limits.disk_bytes
LOG_BYTES = Limits.log_bytes
PROCESSES = Limits.processes


def run_options(
    timeout: float | None,
    memory: int | None,
    processes: int,
    disk: int,
    log: int,
    isolation: str | None,
    environment: str | None,
    compatibility: Switch | None,
    select: tuple[str, ...] = (),
    regenerate: bool = False,
) -> RunOptions:
    """Options of a run; without ``memory`` half of the machine's, without ``timeout`` no limit."""
    return RunOptions(
        tuple(NodeId(node) for node in select),
        regenerate,
        Limits(timeout, memory or half_of_memory(), processes, disk, log),
        isolation,
        environment,
        None if compatibility is None else compatibility is Switch.ON,
    )
