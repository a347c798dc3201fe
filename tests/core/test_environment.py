from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.conda_wish import CondaWish
from skyloom.core.environment import Environment

LINES = st.lists(st.sampled_from(["pandas<3", "numpy", "lightgbm==4.7.0", "six", "scipy>=1"]), max_size=8)


@given(lines=LINES, data=st.data())
def test_the_digest_does_not_depend_on_order_repetition_or_name(
    lines: list[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(lines + lines[:2]))
    one = Environment("one", "3.11", tuple(lines))
    other = Environment("other", "3.11", tuple(f" {line} " for line in shuffled), notices=("said",))
    assert one.digest == other.digest
    assert one.packages == tuple(sorted(set(lines)))


@given(lines=LINES, more=st.sampled_from(["xgboost", "pandas<2"]))
def test_another_package_python_image_or_variable_is_another_digest(lines: list[str], more: str) -> None:
    packages = tuple(lines)
    digests = {
        Environment("e", "3.11", packages).digest,
        Environment("e", "3.11", (*packages, more)).digest,
        Environment("e", "3.12", packages).digest,
        Environment("e", "3.11", packages, image="base").digest,
        Environment("e", "3.11", packages, variables=(("A", "1"),)).digest,
        Environment("e", "3.11", packages, conda=CondaWish(("six",), ("a", "b"))).digest,
        Environment("e", "3.11", packages, conda=CondaWish(("six",), ("b", "a"))).digest,
    }
    assert len(digests) == 7


def test_the_digest_stays_what_it_was_in_earlier_releases() -> None:
    assert Environment("e", "3.11", ("six", "pandas<3")).digest == (
        "sha256:bf15646e910204b88b3ee0ade8c389d1fff86136ae32ecfc2a243dfb1782be04"
    )
