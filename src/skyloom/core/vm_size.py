"""VmSize: the cores, GPUs and memory of a size of virtual machine, as old code names it. Source: sdk.md 8."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TABLE = (
    ("Standard_D1_v2", 1, 0, 3.5, 51200),
    ("Standard_D2_v2", 2, 0, 7.0, 102400),
    ("Standard_D3_v2", 4, 0, 14.0, 204800),
    ("Standard_D4_v2", 8, 0, 28.0, 409600),
    ("Standard_D11_v2", 2, 0, 14.0, 102400),
    ("Standard_D12_v2", 4, 0, 28.0, 204800),
    ("Standard_D13_v2", 8, 0, 56.0, 409600),
    ("Standard_D14_v2", 16, 0, 112.0, 819200),
    ("Standard_DS1_v2", 1, 0, 3.5, 7168),
    ("Standard_DS2_v2", 2, 0, 7.0, 14336),
    ("Standard_DS3_v2", 4, 0, 14.0, 28672),
    ("Standard_DS4_v2", 8, 0, 28.0, 57344),
    ("Standard_DS5_v2", 16, 0, 56.0, 114688),
    ("Standard_DS11_v2", 2, 0, 14.0, 28672),
    ("Standard_DS12_v2", 4, 0, 28.0, 57344),
    ("Standard_F2s_v2", 2, 0, 4.0, 16384),
    ("Standard_F4s_v2", 4, 0, 8.0, 32768),
    ("Standard_F8s_v2", 8, 0, 16.0, 65536),
    ("Standard_F16s_v2", 16, 0, 32.0, 131072),
    ("Standard_E4s_v3", 4, 0, 32.0, 65536),
    ("Standard_NC6", 6, 1, 56.0, 389120),
    ("Standard_NC12", 12, 2, 112.0, 696320),
    ("Standard_NC24", 24, 4, 224.0, 1474560),
    ("Standard_NC6s_v2", 6, 1, 112.0, 753664),
    ("Standard_NC6s_v3", 6, 1, 112.0, 753664),
    ("Standard_NC12s_v3", 12, 2, 224.0, 1507328),
    ("Standard_NC24s_v3", 24, 4, 448.0, 3014656),
    ("Standard_NV6", 6, 1, 56.0, 389120),
    ("Standard_ND6s", 6, 1, 112.0, 753664),
)
_NAME = re.compile(r"(?:standard|basic)_([a-z]+)(\d+)", re.IGNORECASE)
_GB_A_CORE = 4.0


@dataclass(frozen=True)
class VmSize:
    """A size: cores, GPUs, memory in GB, local disk in MB (0: not known)."""

    name: str
    cores: int
    gpus: int
    memory_gb: float
    disk_mb: int = 0


VM_SIZES = tuple(VmSize(*row) for row in _TABLE)
_BY_NAME = {size.name.lower(): size for size in VM_SIZES}


def vm_size(name: str) -> VmSize:
    """The size of a name, whatever its capitals; one that is in no table is read from its name.

    A newer size has its cores in its name; family N has GPUs, one at least. No name is one core.

    >>> vm_size("STANDARD_NC12").gpus
    2
    >>> vm_size("Standard_NC4as_T4_v3")
    VmSize(name='Standard_NC4as_T4_v3', cores=4, gpus=1, memory_gb=16.0, disk_mb=0)
    """
    known = _BY_NAME.get(name.lower())
    if known is not None:
        return known
    found = _NAME.match(name)
    cores = max(1, int(found.group(2))) if found else 1
    gpus = 1 if found and found.group(1).upper().startswith("N") else 0
    return VmSize(name, cores, gpus, cores * _GB_A_CORE)
