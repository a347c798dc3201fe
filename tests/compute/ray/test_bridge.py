from __future__ import annotations

from skyloom.compute.ray.bridge import last_words

ENDED = """\
2026-11-28 09:14:34,941\tSUCC scripts.py:1251 -- Ray runtime started.
2026-11-28 09:27:19,535\tERR scripts.py:1307 -- Some Ray subprocesses exited unexpectedly:
2026-11-28 09:27:19,535\tERR scripts.py:87 -- raylet [exit code=-6]

2026-11-28 09:27:19,536\tERR scripts.py:1315 -- Remaining processes will be killed.
"""


def test_of_rays_own_lines_those_are_told_that_say_why() -> None:
    said = last_words(ENDED)
    assert said.endswith("exited unexpectedly: raylet [exit code=-6] Remaining processes will be killed.")


def test_of_a_traceback_the_error_is_told_and_silence_is_called_that() -> None:
    assert last_words("Traceback:\n  raise Exception(\nException: timed out") == "Exception: timed out"
    assert last_words("\n") == "it said nothing"
