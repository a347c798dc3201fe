"""For every test: a machine that is busy makes examples slowly, which is no fault of a property.

Environments are shared, so that each is built once. Agents keep one box ready: otherwise each makes and loads
more for those who come after, who do not come here; demo, hostile, chaos and bench have what people have.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests import environments

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
os.environ.setdefault("SKYLOOM_SPARES", "1")
environments.share()
