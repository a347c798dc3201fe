"""What the environment ``studio`` holds: a table, pinned to the last package, the same everywhere.

pandas stays below 3 because old scripts rely on object columns for text and on chained assignment
(stack.md 3.3). The second table is the closure of the first; a real test resolves both and compares.
"""

from __future__ import annotations

from typing import NamedTuple

from skyloom.core.environment import STUDIO, Environment


class StudioPackage(NamedTuple):
    """One package that scripts import: its name in the index, its version, the word after ``import``."""

    name: str
    version: str
    imported_as: str
    purpose: str


# Not "3.11": numpy's and scipy's pins have no wheels for anything older.
STUDIO_PYTHON = ">=3.11"

STUDIO_PACKAGES = (
    StudioPackage("beautifulsoup4", "4.15.0", "bs4", "reading HTML"),
    StudioPackage("joblib", "1.6.0", "joblib", "saving models, parallel loops"),
    StudioPackage("lxml", "6.1.3", "lxml", "reading XML and HTML"),
    StudioPackage("matplotlib", "3.11.2", "matplotlib", "plots"),
    StudioPackage("networkx", "3.6.1", "networkx", "graphs"),
    StudioPackage("nltk", "3.10.4", "nltk", "text (its corpora are not included)"),
    StudioPackage("numpy", "2.4.6", "numpy", "arrays"),
    StudioPackage("openpyxl", "3.1.5", "openpyxl", "Excel files (.xlsx)"),
    StudioPackage("pandas", "2.3.3", "pandas", "data frames"),
    StudioPackage("patsy", "1.0.3", "patsy", "formulas"),
    StudioPackage("pillow", "13.0.0", "PIL", "images"),
    StudioPackage("pyarrow", "26.0.1", "pyarrow", "columns without copies, Parquet"),
    StudioPackage("python-dateutil", "4.0.0", "dateutil", "dates"),
    StudioPackage("pytz", "2026.6", "pytz", "time zones"),
    StudioPackage("requests", "2.34.2", "requests", "imports work; a script has no network"),
    StudioPackage("scikit-learn", "1.9.1", "sklearn", "machine learning"),
    StudioPackage("scipy", "1.17.1", "scipy", "scientific functions"),
    StudioPackage("seaborn", "0.13.2", "seaborn", "statistical plots"),
    StudioPackage("setuptools", "84.2.1", "setuptools", "packages that still import it"),
    StudioPackage("six", "1.17.0", "six", "code for Python 2 and 3"),
    StudioPackage("statsmodels", "0.15.0", "statsmodels", "statistical models"),
    StudioPackage("sympy", "1.14.0", "sympy", "symbolic mathematics"),
    StudioPackage("xlrd", "2.0.2", "xlrd", "Excel files (.xls)"),
)

STUDIO_COMPANIONS = (
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "click==8.5.1",
    "cloudpickle==3.1.2",
    "contourpy==1.3.3",
    "cycler==0.12.1",
    "defusedxml==0.7.1",
    "et-xmlfile==2.0.0",
    "fonttools==4.68.0",
    "formulaic==1.2.2",
    "idna==3.20",
    "interface-meta==2.0.1",
    "kiwisolver==1.5.1",
    "mpmath==1.3.0",
    "narwhals==2.29.0",
    "packaging==26.3",
    "pyparsing==3.3.3",
    "regex==2026.11.15",
    "soupsieve==4.1.2",
    "threadpoolctl==3.8.0",
    "tqdm==4.70.1",
    "typing-extensions==4.16.0",
    "tzdata==2026.6",
    "urllib3==2.8.0",
    "wrapt==2.5.2",
)


def studio_environment() -> Environment:
    """The environment ``studio``, every package pinned."""
    pins = tuple(f"{package.name}=={package.version}" for package in STUDIO_PACKAGES)
    return Environment(STUDIO, STUDIO_PYTHON, pins + STUDIO_COMPANIONS, compatibility=True)


def studio_table() -> str:
    """The table of docs/environments.md, as Markdown."""
    rows = [f"| `{p.imported_as}` | {p.name} {p.version} | {p.purpose} |" for p in STUDIO_PACKAGES]
    return "\n".join(["| import | package | for |", "|---|---|---|", *rows])
