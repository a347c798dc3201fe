"""What makes two node runs the same, and how two of them differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.fingerprint import differences, fingerprint, fingerprint_parts
from skyloom.core.identity import Digest, Json, digest_of
from skyloom.core.serialize import spec_digest

from .samples import SPLIT

values = st.dictionaries(
    st.sampled_from([p.name for p in SPLIT.parameters]), st.integers() | st.text(max_size=5)
)


def parts(given_values: dict[str, Json], data: str = "rows", environment: str = "current") -> dict[str, Json]:
    made = fingerprint_parts(
        SPLIT, spec_digest(SPLIT), given_values, {"Dataset": digest_of(data)}, {"digest": environment}
    )
    return made.as_json()


def print_of(given_values: dict[str, Json], data: str = "rows") -> Digest:
    return fingerprint(
        fingerprint_parts(SPLIT, spec_digest(SPLIT), given_values, {"Dataset": digest_of(data)}, "current")
    )


def test_a_hidden_value_does_not_count() -> None:
    seen = [
        print_of({"Splitting mode": mode, "Fraction of rows": fraction})
        for mode, fraction in (
            ("Regular Expression", 0.5),
            ("Regular Expression", 0.9),
            ("Split Rows", 0.5),
            ("Split Rows", 0.9),
        )
    ]
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_default_that_is_written_out_does_not_count() -> None:
    assert print_of({}) == print_of({"Random seed": 0, "Splitting mode": "Split Rows"})


def test_other_content_of_an_input_counts() -> None:
    assert print_of({}) != print_of({}, "other rows")


@given(values)
def test_a_fingerprint_is_the_same_each_time_and_in_any_order(given_values: dict[str, Json]) -> None:
    turned = dict(reversed(given_values.items()))
    assert print_of(given_values) == print_of(turned)


@given(values, values)
def test_differences_are_told_exactly_when_there_are_any(one: dict[str, Json], two: dict[str, Json]) -> None:
    assert bool(list(differences(parts(one), parts(two)))) == (parts(one) != parts(two))


def test_differences_name_the_parameter_and_both_values() -> None:
    told = list(differences(parts({"Random seed": 2}), parts({"Random seed": 1})))
    assert told == ["parameter 'Random seed' was 1 and is 2"]


def test_differences_name_the_input_and_the_environment() -> None:
    told = list(differences(parts({}, "b", "new"), parts({}, "a", "old")))
    assert told == ["input 'Dataset' has other content", "the environment changed"]
