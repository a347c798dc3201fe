"""Distributions and samplings of a sweep. Source: sdk.md 12, HyperDrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.sdk.exceptions import UserErrorException

Distribution = list[Any]  # [name, [arguments]]


def choice(*options: Any) -> Distribution:
    """One of the options, which may be given one by one, as a list or as a range."""
    if len(options) == 1 and isinstance(options[0], (Sequence, range)) and not isinstance(options[0], str):
        options = tuple(options[0])
    if not options:
        raise UserErrorException("Please specify an input for choice.")
    return ["choice", [list(options)]]


def randint(upper: int) -> Distribution:
    """A whole number from 0 up to ``upper``, without it."""
    return ["randint", [upper]]


def uniform(min_value: float, max_value: float) -> Distribution:
    return _between("uniform", min_value, max_value)


def quniform(min_value: float, max_value: float, q: float) -> Distribution:
    return _between("quniform", min_value, max_value, q)


def loguniform(min_value: float, max_value: float) -> Distribution:
    """E to a uniform exponent."""
    return _between("loguniform", min_value, max_value)


def qloguniform(min_value: float, max_value: float, q: float) -> Distribution:
    return _between("qloguniform", min_value, max_value, q)


def normal(mu: float, sigma: float) -> Distribution:
    return ["normal", [mu, sigma]]


def qnormal(mu: float, sigma: float, q: float) -> Distribution:
    return ["qnormal", [mu, sigma, q]]


def lognormal(mu: float, sigma: float) -> Distribution:
    return ["lognormal", [mu, sigma]]


def qlognormal(mu: float, sigma: float, q: float) -> Distribution:
    return ["qlognormal", [mu, sigma, q]]


def _between(name: str, low: float, high: float, *more: float) -> Distribution:
    if low >= high:
        raise UserErrorException(f"{name}: min_value {low} must be less than max_value {high}.")
    return [name, [low, high, *more]]


class HyperParameterSampling:
    """A space, and how values are taken from it."""

    kind = ""
    allowed: tuple[str, ...] | None = None  # distributions; None: all

    def __init__(self, parameter_space: Mapping[str, Any], properties: Any = None, **_: Any) -> None:
        if not parameter_space:
            raise UserErrorException(f"{type(self).__name__} needs a parameter space.")
        for name, distribution in parameter_space.items():
            if not isinstance(distribution, list) or len(distribution) != 2:
                raise UserErrorException(f"'{name}' is no distribution; use choice(...), uniform(...) ...")
            if self.allowed is not None and distribution[0] not in self.allowed:
                raise UserErrorException(
                    f"{type(self).__name__} takes {', '.join(self.allowed)}, not {distribution[0]}, "
                    f"which '{name}' is."
                )
        self.parameter_space = dict(parameter_space)


class RandomParameterSampling(HyperParameterSampling):
    """Each trial draws anew."""

    kind = "random"


class GridParameterSampling(HyperParameterSampling):
    """Every combination of choices."""

    kind = "grid"
    allowed = ("choice",)


class BayesianParameterSampling(HyperParameterSampling):
    """Later trials lie near the good ones of before."""

    kind = "bayesian"
    allowed = ("choice", "uniform", "quniform")
