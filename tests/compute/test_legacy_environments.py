"""`studio-2.7` and `studio-3.6`: which Python, which packages, when the old parameter chooses them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from skyloom.compute.environment_wish import wish_for
from skyloom.compute.environments import Environments
from skyloom.compute.interpreters import Python, choose_old_python, find_pythons
from skyloom.compute.legacy_builder import old_python, why_not
from skyloom.compute.legacy_packages import LEGACY_PACKAGES, legacy_environment, legacy_table
from skyloom.compute.pip_command import pip_settings
from skyloom.compute.sandbox.view import view_for
from skyloom.compute.studio_packages import studio_environment
from skyloom.core.environment import LEGACY, STUDIO_27, STUDIO_36
from skyloom.core.problem import ProblemError
from skyloom.modules.scripting.execute_python_script import SPEC
from tests.compute.boxes import Boxes
from tests.old_pythons import interpreter_of

PAGE = Path(__file__).parents[2] / "docs" / "environments.md"
OLD = "Anaconda 4.0/Python 2.7.11"
HEADER = '# /// script\n# dependencies = ["lightgbm"]\n# ///\n'


def _python(version: str, platform: str = "linux-x86_64", implementation: str = "cpython") -> Python:
    return Python(f"/pythons/{version}/bin/python", version, implementation, platform)


def _environments(folder: Path, python: str = "") -> Environments:
    """An agent whose own PATH has this Python: a program that says it is one."""
    binaries = folder / "bin"
    binaries.mkdir()
    if python:
        program = binaries / f"python{python[:3]}"
        program.write_text(f"""#!/bin/sh\necho '["{python}", "cpython", "linux-x86_64", false]'\n""")
        program.chmod(0o755)
    environ = {"HOME": str(folder), "PATH": str(binaries)}
    others = [found for found in find_pythons(environ) if not found.path.startswith(str(folder))]
    if any(found.version.startswith("2.7") for found in others):
        pytest.skip("this machine has a Python 2.7 in a folder that is always searched")
    return Environments(folder, environ=environ)


@pytest.mark.parametrize("name", LEGACY)
def test_every_package_is_pinned_once_and_the_page_shows_it(name: str) -> None:
    lines = legacy_environment(name).packages
    assert len({line.partition("==")[0].lower() for line in lines}) == len(lines)
    assert all(line.partition("==")[2] for line in lines)
    assert legacy_table() in PAGE.read_text(encoding="utf-8")
    assert {"numpy", "pandas", "scikit-learn"} <= {one.name for one in LEGACY_PACKAGES}


def test_the_newest_of_that_age_is_chosen_and_no_other() -> None:
    found = [_python("2.7.9"), _python("2.7.18"), _python("2.7.18", implementation="pypy"), _python("3.6.15")]
    assert choose_old_python("2.7", found) == found[1]
    assert choose_old_python("3.6", found) == found[3]
    assert choose_old_python("3.6", found[:2]) is None


def test_a_machine_without_it_says_so() -> None:
    with pytest.raises(ProblemError, match=r"no CPython 2\.7") as caught:
        old_python(STUDIO_27, (_python("3.11.7"), _python("3.6.15")))
    assert caught.value.problem.code == "C100"
    assert "`studio`" in caught.value.problem.fix
    assert "aarch64" in why_not(STUDIO_36, (_python("3.6.15", "linux-aarch64"),))


def test_old_environments_take_no_requirements_and_tell_that_a_header_is_idle() -> None:
    with pytest.raises(ProblemError) as caught:
        wish_for(STUDIO_27, "", "six")
    assert caught.value.problem.code == "C060"
    wish = wish_for(STUDIO_36, HEADER)
    assert wish is not None and wish.is_legacy and not wish.compatibility
    assert "header is not applied" in wish.notices[0]


def test_the_old_parameter_chooses_where_the_machine_has_that_python(tmp_path: Path) -> None:
    environments = _environments(tmp_path, "2.7.18")
    assert environments.resolve(OLD) == legacy_environment(STUDIO_27)
    assert environments.resolve(environments.resolve(OLD).digest).name == STUDIO_27


def test_the_old_parameter_gives_way_with_a_notice_where_not(tmp_path: Path) -> None:
    environments = _environments(tmp_path)
    wish = environments.resolve(OLD)
    assert wish == studio_environment()
    assert wish.notices == (
        f"`Python Version` ({OLD}) cannot be honoured: there is no CPython 2.7 on this machine. "
        "`studio` is used.",
    )
    with pytest.raises(ProblemError) as caught:
        environments.resolve(STUDIO_27)
    assert caught.value.problem.code == "C100"


def test_packages_that_a_script_asks_for_go_before_the_old_parameter(tmp_path: Path) -> None:
    wish = _environments(tmp_path, "2.7.18").resolve(OLD, HEADER)
    assert wish.name == "own"
    assert "is not applied" in wish.notices[-1]


def test_every_value_of_the_parameter_has_an_environment() -> None:
    parameter = SPEC.parameter("Python Version")
    assert parameter is not None
    assert parameter.choices == (
        "Anaconda 2.0/Python 2.7.7",
        "Anaconda 4.0/Python 2.7.11",
        "Anaconda 4.0/Python 3.5",
    )


def test_pip_gets_where_packages_are_and_nothing_that_changes_what_is_installed() -> None:
    settings = pip_settings(
        {
            "PATH": "/bin",
            "PIP_INDEX_URL": "https://pip.example/simple",
            "PIP_FIND_LINKS": "/wheels",
            "PIP_CONSTRAINT": "/constraints.txt",
            "PIP_USER": "1",
            "PYTHONPATH": "/elsewhere",
            "VIRTUALENV_COPIES": "1",
            "UV_DEFAULT_INDEX": "https://uv.example/simple",
            "UV_INDEX": "more=https://one.example/simple https://two.example/simple",
        }
    )
    assert settings == {
        "PATH": "/bin",
        "PIP_FIND_LINKS": "/wheels",
        "PIP_INDEX_URL": "https://uv.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://one.example/simple https://two.example/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_DEFAULT_INDEX": "https://uv.example/simple",
        "UV_INDEX": "more=https://one.example/simple https://two.example/simple",
    }
    assert pip_settings({"UV_OFFLINE": "1"})["PIP_NO_INDEX"] == "1"


def test_a_box_shows_the_folders_of_the_interpreter_that_it_becomes(tmp_path: Path) -> None:
    assert str(tmp_path) not in view_for("/nowhere").readable
    assert str(tmp_path) in view_for("/nowhere", [str(tmp_path)]).readable


@pytest.mark.real("environment")
@pytest.mark.xdist_group("old pythons")
@pytest.mark.parametrize("name", LEGACY)
def test_every_package_of_the_table_imports(name: str) -> None:
    interpreter = interpreter_of(name)
    version = LEGACY[name]
    words = [
        one.imported_as for one in LEGACY_PACKAGES if one.imported_as and one.pythons in ("both", version)
    ]
    code = "import warnings; warnings.simplefilter('ignore'); "
    code += f"import {', '.join(words)}; print(pandas.__version__)"
    answer = subprocess.run(
        [interpreter.path, "-s", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"MPLBACKEND": "Agg"},
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "0.19.2"
    assert interpreter.version.startswith(version)
    assert interpreter.is_legacy and all(Path(folder).is_dir() for folder in interpreter.folders)


@pytest.mark.real("environment")
@pytest.mark.real("sandbox")
@pytest.mark.xdist_group("old pythons")
@pytest.mark.parametrize("name", LEGACY)
def test_a_box_of_every_level_becomes_the_old_interpreter(boxes: Boxes, level: str, name: str) -> None:
    script = """
from __future__ import print_function
import os, sys
def azureml_main():
    import matplotlib.font_manager, pandas, sys
    print('%d.%d' % sys.version_info[:2], pandas.__version__, os.environ['OPENBLAS_NUM_THREADS'])
    print(os.path.exists(os.path.join(os.environ['TMPDIR'], 'matplotlib', 'fontList.json')))
    open('own', 'w').write('x')
    try:
        open('/etc/shadow')
    except (IOError, OSError):
        print('shut')
    return pandas.DataFrame({'a': [1]}),
"""
    ran = boxes.run(script, level=level, interpreter=interpreter_of(name))
    assert ran.outcome.reason is None, ran.stderr
    assert ran.outcome.isolation == level
    assert ran.stdout.splitlines() == [f"{LEGACY[name]} 0.19.2 1", "True", "shut"]
