from __future__ import annotations

from skyloom.compute.sandbox import levels


def test_every_level_is_at_least_itself_and_the_weaker_ones() -> None:
    for place, level in enumerate(levels.BEST_FIRST):
        assert [levels.is_at_least(level, other) for other in levels.BEST_FIRST] == [
            other >= place for other in range(len(levels.BEST_FIRST))
        ]
