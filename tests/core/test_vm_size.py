from __future__ import annotations

import pytest

from skyloom.core.vm_size import VM_SIZES, vm_size


def test_a_known_size_is_found_whatever_its_capitals() -> None:
    for size in VM_SIZES:
        assert vm_size(size.name.upper()) == vm_size(size.name.lower()) == size


@pytest.mark.parametrize(
    ("name", "cores", "gpus"),
    [("", 1, 0), ("Standard_D96as_v5", 96, 0), ("STANDARD_NC24ADS_A100_V4", 24, 1), ("my own", 1, 0)],
)
def test_another_is_read_from_its_name(name: str, cores: int, gpus: int) -> None:
    found = vm_size(name)
    assert (found.cores, found.gpus) == (cores, gpus)
