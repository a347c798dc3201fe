from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
FRAME = pd.DataFrame({"a": [1, 2, 3]})

PLOT = """
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    figure.savefig("plot.png")
    return dataframe1,
"""


@pytest.mark.parametrize(
    "choice", ["", "matplotlib.use('agg')", "matplotlib.use('Agg', force=True)", "matplotlib.use('TkAgg')"]
)
def test_plots_are_drawn_whatever_backend_is_asked_for(run_script: Run, choice: str) -> None:
    ran = run_script(
        f"import matplotlib\n{choice}\nimport matplotlib.pyplot as plt\ndef azureml_main(dataframe1):{PLOT}",
        FRAME,
    )
    assert ran.answer["problem"] is None, ran.stderr
    assert (ran.work / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert len(ran.answer["notices"]) == ("TkAgg" in choice)


def test_a_backend_chosen_late_is_ignored_too(run_script: Run) -> None:
    ran = run_script(
        "import matplotlib.pyplot as plt, matplotlib\n"
        f"def azureml_main(dataframe1):\n    matplotlib.use('Qt5Agg'){PLOT}",
        FRAME,
    )
    assert (ran.work / "plot.png").exists() and "Qt5Agg" in ran.answer["notices"][0]


def test_matplotlib_already_imported_is_tamed_as_well(run_script: Run) -> None:
    import matplotlib  # the child inherits it, as from a warm parent

    before = matplotlib.use
    ran = run_script(
        "import matplotlib\nmatplotlib.use('GTK3Agg')\nimport matplotlib.pyplot as plt\n"
        f"def azureml_main(dataframe1):{PLOT}",
        FRAME,
    )
    assert (ran.work / "plot.png").exists()
    assert matplotlib.use is before


def test_pandas_plots_work(run_script: Run) -> None:
    text = """
        def azureml_main(dataframe1):
            axes = dataframe1.plot()
            axes.get_figure().savefig("plot.png")
            return dataframe1,
        """
    assert (run_script(text, FRAME).work / "plot.png").exists()
