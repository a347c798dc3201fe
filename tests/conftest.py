"""For every test: a machine that is busy makes examples slowly, which is no fault of a property.

Environments are shared, so that each is built once. Agents make a box when it is asked for: otherwise each
loads what those who come after might want, who do not come here. Spares are tested in tests/compute; demo,
hostile, chaos and bench have what people have.
"""

from __future__ import annotations

import gc
import os

from hypothesis import HealthCheck, settings

from tests import environments

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
os.environ.setdefault("SKYLOOM_SPARES", "0")
environments.share()


def pytest_collection_finish() -> None:
    """What was collected stays: to look for garbage in it again and again took a tenth of a worker's time."""
    gc.collect()
    gc.freeze()
