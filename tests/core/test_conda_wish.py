from __future__ import annotations

import pytest

from skyloom.core.conda_packages import requirements_of
from skyloom.core.conda_wish import CondaWish, chosen_conda, read_conda_wish


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ([], ("conda-forge",)),
        (["pytorch"], ("pytorch", "conda-forge")),
        (["pytorch", "nodefaults"], ("pytorch",)),
        (["pytorch", "defaults"], ("pytorch", "defaults")),
        (["anaconda", "conda-forge", "anaconda"], ("anaconda", "conda-forge")),
        (["https://host/x/"], ("https://host/x", "conda-forge")),
    ],
)
def test_channels_keep_their_order_and_end_with_one_that_has_everything(
    named: list[str], asked: tuple[str, ...]
) -> None:
    found = chosen_conda(["gdal"], named)
    assert found is not None and found.channels == asked


def test_what_only_accompanies_packages_asks_for_no_channel() -> None:
    assert chosen_conda(["pip", "python>=3.7", "cudatoolkit=10.1", "azureml-core"], ["anaconda"]) is None
    found = chosen_conda(["gdal", "mkl", "azureml-core"], [])
    assert found is not None and found.packages == ("gdal", "mkl")


def test_a_line_of_a_wish_is_one_line_of_the_text() -> None:
    found = chosen_conda(["gdal\n-e .  # x"], ["a\nb"])
    assert found == CondaWish(("gdal -e . # x",), ("ab", "conda-forge"))
    assert read_conda_wish("\n".join(("six", *found.lines()))) == found
    assert read_conda_wish("six") is None


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("numpy=1.16=py37_0", "numpy==1.16.*"),
        ("numpy==1.16.2=py37_0", "numpy==1.16.2"),
        ("numpy 1.16.*", "numpy==1.16.*"),
        ("numpy >=1.16, <2", "numpy>=1.16,<2"),
        ("numpy[version='>=1']", "numpy"),
        ("numpy>=1.16|<0.5", "numpy"),
    ],
)
def test_what_python_has_no_spelling_for_says_nothing_to_its_index(line: str, requirement: str) -> None:
    assert requirements_of((), [line]) == ((requirement,), ())
