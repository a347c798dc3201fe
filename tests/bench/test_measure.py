"""Rounds and lines of the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.measure import Case, Floor, Measurement, interleaved, line_of, with_floors


def case(name: str, values: Iterator[float], order: list[str], limit: float | None = None) -> Case:
    def take() -> Measurement:
        order.append(name)
        value = next(values)
        return Measurement(value, {"half": value / 2})

    return Case(name, "ms", take, limit)


def counting(start: float) -> Iterator[float]:
    while True:
        yield start
        start += 1


def constantly(value: float) -> Callable[[], Measurement]:
    return lambda: Measurement(value)


def test_cases_are_measured_in_turn_and_warm_ups_do_not_count() -> None:
    order: list[str] = []
    taken = interleaved((case("a", counting(0), order), case("b", counting(10), order)), runs=2)
    assert order == ["a", "b"] * 3
    assert [one.value for one in taken["a"]] == [1, 2]


def test_a_floor_shared_by_cases_is_measured_once() -> None:
    floor = Case("floor", "ms", constantly(1))
    cases = [Case(name, "ms", constantly(4), floors=(Floor(floor),)) for name in ("a", "b")]
    assert [one.name for one in with_floors(cases)] == ["floor", "a", "b"]


def test_line_tells_median_beside_the_sum_of_its_floors() -> None:
    floor = Case("floor", "ms", constantly(2))
    judged = Case("a", "ms", constantly(9), limit=9, goal=5, floors=(Floor(floor, 1.5),))
    line = line_of(judged, interleaved(with_floors([judged]), 3))
    told = {name: line[name] for name in ("median", "n", "within", "floor", "ratio")}
    assert told == {"median": 9, "n": 3, "within": True, "floor": 3, "ratio": 3}


def test_parts_are_told_as_medians() -> None:
    line = line_of(one := case("a", counting(0), []), interleaved((one,), 3))
    assert line["parts"] == {"half": 1}


def test_case_above_its_limit_is_not_within() -> None:
    judged = Case("a", "ms", constantly(9), limit=8)
    assert line_of(judged, interleaved((judged,), 1))["within"] is False


def test_case_with_a_problem_is_not_within_its_limit() -> None:
    judged = Case("a", "ms", constantly(1), limit=8, problems=lambda: ["loads pandas"])
    line = line_of(judged, interleaved((judged,), 1))
    assert (line["within"], line["problems"]) == (False, ["loads pandas"])
