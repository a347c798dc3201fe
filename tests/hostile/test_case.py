from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.case import HOST_CHECKS, BadHeader, read_cases
from tests.hostile.driver import TERMINAL_CHECKS
from tests.hostile.fixtures import FILES
from tests.hostile.machine_checks import ALWAYS, LOOKS

OWN = Path(__file__).parent / "cases"
OURS = '"""Reads a secret: refused.\n\nstatus = "completed"\nprobe = "blocked"\n"""\n'
FOREIGN = '# EXPECT: completed; refused\n# CHECK: {"status": ["completed", "failed"], "wall_max_s": 20}\n'


def test_our_header_is_a_docstring_with_toml_behind_its_first_paragraph(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(OURS)
    (case,) = read_cases(tmp_path)
    assert case.expect == "Reads a secret: refused."
    assert (case.check.status, case.check.probe) == (("completed",), "blocked")


def test_foreign_header_is_read_from_its_first_two_lines(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(FOREIGN)
    (case,) = read_cases(tmp_path)
    assert case.check.status == ("completed", "failed")
    assert case.check.wall_max_s == 20


def test_helpers_beside_foreign_cases_are_no_cases(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(FOREIGN)
    (tmp_path / "fixtures.py").write_text('"""Makes files."""\n')
    assert [case.name for case in read_cases(tmp_path)] == ["one"]


def test_a_case_is_tried_with_each_of_its_files(tmp_path: Path) -> None:
    header = '"""Refused.\n\nstatus = "failed"\nbundles = ["a.zip", "b.zip"]\n"""\n'
    (tmp_path / "one.py").write_text(header)
    found = read_cases(tmp_path)
    assert [(case.name, case.check.bundle) for case in found] == [
        ("one[a.zip]", "a.zip"),
        ("one[b.zip]", "b.zip"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        '"""x\n\nstatus = "failed"\nhosts = ["no_leftovers"]\n"""',
        '"""x\n\nstatus = "failed"\nhost = ["no_leftover"]\n"""',
        '"""x\n\nprobe = "blocked"\n"""',
        '# EXPECT: x\n# CHECK: {"status": "failed", "reasons": "timeout"}\n',
        "# EXPECT: x\nimport os\n",
    ],
)
def test_a_check_that_nobody_enforces_is_an_error(tmp_path: Path, header: str) -> None:
    (tmp_path / "one.py").write_text(header)
    with pytest.raises(BadHeader):
        read_cases(tmp_path)


def test_every_host_check_is_enforced() -> None:
    assert set(LOOKS) | TERMINAL_CHECKS | {"images_served_safely"} == HOST_CHECKS
    assert set(ALWAYS) <= set(LOOKS)


def test_every_file_that_a_case_names_can_be_made() -> None:
    wanted = {name for case in read_cases(OWN) for name in (case.check.bundle, case.check.dataset) if name}
    assert wanted == set(FILES)
