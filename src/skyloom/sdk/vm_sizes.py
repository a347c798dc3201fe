"""Well-known sizes of virtual machines, in the form that supported_vmsizes gives them in. Source: sdk.md 8.

On a pool of slots a size is a label; a node of a Ray cluster has its cores and GPUs (core/vm_size.py).
"""

from __future__ import annotations

from typing import Any

from skyloom.core import vm_size

VM_SIZES: tuple[dict[str, Any], ...] = tuple(
    {
        "name": size.name,
        "vCPUs": size.cores,
        "gpus": size.gpus,
        "memoryGB": size.memory_gb,
        "maxResourceVolumeMB": size.disk_mb,
    }
    for size in vm_size.VM_SIZES
)
