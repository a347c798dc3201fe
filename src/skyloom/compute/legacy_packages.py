"""What the environments ``studio-2.7`` and ``studio-3.6`` hold: packages of the time, pinned to the last one.

The versions are those that scripts of Studio (classic) were written for: the last pandas with ``sort``,
``order``, ``.ix`` and ``pandas.tools``, the last scikit-learn before ``cross_validation`` and ``grid_search``
went (studio.md, Corrections). All of them have ready-made wheels for both Pythons.
"""

from __future__ import annotations

from typing import NamedTuple

from skyloom.core.environment import LEGACY, STUDIO_27, STUDIO_36, Environment

_ONLY = {"2.7": (STUDIO_27,), "3.6": (STUDIO_36,), "both": (STUDIO_27, STUDIO_36)}


class LegacyPackage(NamedTuple):
    """One package, the word after ``import`` (empty: a companion), and which Pythons get it."""

    name: str
    version: str
    imported_as: str = ""
    pythons: str = "both"


LEGACY_PACKAGES = (
    LegacyPackage("beautifulsoup4", "4.9.3", "bs4"),
    LegacyPackage("joblib", "0.14.1", "joblib"),
    LegacyPackage("lxml", "4.6.5", "lxml"),
    LegacyPackage("matplotlib", "2.1.2", "matplotlib"),
    LegacyPackage("networkx", "1.11", "networkx"),
    LegacyPackage("numpy", "1.13.3", "numpy"),
    LegacyPackage("pandas", "0.19.2", "pandas"),
    LegacyPackage("patsy", "0.5.1", "patsy"),
    LegacyPackage("Pillow", "6.2.2", "PIL"),
    LegacyPackage("python-dateutil", "2.8.2", "dateutil"),
    LegacyPackage("pytz", "2021.3", "pytz"),
    LegacyPackage("requests", "2.27.1", "requests"),
    LegacyPackage("scikit-learn", "0.18.2", "sklearn"),
    LegacyPackage("scipy", "1.0.1", "scipy"),
    LegacyPackage("six", "1.16.0", "six"),
    LegacyPackage("statsmodels", "0.8.0", "statsmodels"),
    LegacyPackage("sympy", "1.5.1", "sympy", "3.6"),  # what it needs has no wheel for 2.7
    LegacyPackage("xlrd", "1.2.0", "xlrd"),
    LegacyPackage("backports.functools-lru-cache", "1.6.4", "", "2.7"),
    LegacyPackage("certifi", "2021.10.8"),
    LegacyPackage("chardet", "4.0.0", "", "2.7"),
    LegacyPackage("charset-normalizer", "2.0.12", "", "3.6"),
    LegacyPackage("cycler", "0.10.0"),
    LegacyPackage("decorator", "4.4.2"),
    LegacyPackage("idna", "2.10"),
    LegacyPackage("mpmath", "1.2.1", "", "3.6"),
    LegacyPackage("pyparsing", "2.4.7"),
    LegacyPackage("setuptools", "44.1.1", "", "2.7"),
    LegacyPackage("setuptools", "59.6.0", "", "3.6"),
    LegacyPackage("soupsieve", "1.9.6"),
    LegacyPackage("urllib3", "1.26.20"),
)

# The last virtualenv that makes environments of Python 2.7 and 3.6; it carries a pip for each.
BOOTSTRAP = """\
distlib==0.4.4 --hash=sha256:cf09d55b1e85a89576b036aeb71550bfd68320f3f21761ca329eadadad918638 \
--hash=sha256:ca4175b4ac7f71223cc30ed7248c45d2b38c2439d8ee6e498ab67ed63cf3508d
filelock==3.32.7 --hash=sha256:37b8a3d9811b0f9aef7e5ec5c71bb320de52df51e6ca9bcd6f5ad81187660da7 \
--hash=sha256:65ff0d0190ea42038b32bda4b77834fb05be2cad4c5b9b01aa4dfb3614536e52
platformdirs==3.11.0 --hash=sha256:e9d171d00af68be50e9202731309c4e658fd8bc76f55c11c7dd760d023bda68e \
--hash=sha256:cf8ee52a3afdb965072dcc652433e0c7e3e40cf5ea1477cd4b3b1d2eb75495b3
virtualenv==20.21.1 --hash=sha256:09ddbe1af0c8ed2bb4d6ed226b9e6415718ad18aef9fa0ba023d96b7a8356049 \
--hash=sha256:4c104ccde994f8b108163cf9ba58f3d11511d9403de87fb9b4f52bf33dbc8668
"""


def legacy_environment(name: str) -> Environment:
    """``studio-2.7`` or ``studio-3.6``, every package pinned; no helpers for old pandas are needed."""
    pins = tuple(f"{one.name}=={one.version}" for one in LEGACY_PACKAGES if name in _ONLY[one.pythons])
    return Environment(name, f"=={LEGACY[name]}.*", pins)


def legacy_table() -> str:
    """The table of docs/environments.md, as Markdown."""
    rows = [
        f"| `{one.imported_as}` | {one.name} {one.version}"
        + (f" ({', '.join(_ONLY[one.pythons])} only) |" if one.pythons != "both" else " |")
        for one in LEGACY_PACKAGES
        if one.imported_as
    ]
    return "\n".join(["| import | package |", "|---|---|", *rows])
