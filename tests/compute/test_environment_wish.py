from __future__ import annotations

import pytest

from skyloom.compute.environment_wish import PackagePolicy, header_notice, wish_for
from skyloom.compute.requirements import keeps_pandas_below_3
from skyloom.compute.studio_packages import studio_environment
from skyloom.core.environment import Environment
from skyloom.core.problem import ProblemError

SCRIPT = "def azureml_main(frame):\n    return frame,\n"


def _header(*lines: str) -> str:
    return (
        "".join(f"{line}\n" for line in ("# /// script", *(f"# {line}" for line in lines), "# ///")) + SCRIPT
    )


def _wish(name: str = "studio", script: str = SCRIPT, requirements: str | None = None) -> Environment:
    wish = wish_for(name, script, requirements)
    assert wish is not None
    return wish


def _code(name: str, script: str = SCRIPT, requirements: str | None = None, allow_own: bool = True) -> str:
    with pytest.raises(ProblemError) as caught:
        wish_for(name, script, requirements, PackagePolicy(allow_own=allow_own))
    assert caught.value.problem.fix
    return caught.value.problem.code


def test_a_script_that_asks_for_nothing_gets_studio() -> None:
    assert _wish() == studio_environment()
    assert _wish(requirements=" \n# nothing\n") == studio_environment()


def test_current_is_the_agents_own() -> None:
    assert wish_for("current", SCRIPT) is None


def test_a_header_gives_the_script_its_own_environment() -> None:
    wish = _wish(script=_header('requires-python = ">=3.12"', 'dependencies = ["pandas>=2", "Six"]'))
    assert (wish.name, wish.python, wish.packages) == ("own", ">=3.12", ("pandas>=2", "six"))
    assert wish.notices == ()


def test_requirements_give_the_script_its_own_environment() -> None:
    wish = _wish(requirements="pandas==2.3.3\nsix")
    assert (wish.name, wish.python, wish.packages) == ("own", "3.11", ("pandas==2.3.3", "six"))


@pytest.mark.parametrize("pandas", ["pandas==1.5.3", "pandas<2", "pandas==2.1.*", "pandas~=1.5.2"])
def test_a_pandas_built_for_numpy_1_gets_it_and_this_is_said(pandas: str) -> None:
    wish = _wish(requirements=pandas)
    assert "numpy<2" in wish.packages
    assert "numpy<2 was added" in wish.notices[0]


@pytest.mark.parametrize("lines", ["pandas==1.5.3\nnumpy==1.22.4", "pandas", "pandas<3", "pandas==2.2.*"])
def test_numpy_is_left_alone_where_it_is_named_or_new_enough(lines: str) -> None:
    assert "numpy<2" not in _wish(requirements=lines).packages


def test_header_and_requirements_are_joined() -> None:
    wish = _wish(script=_header('dependencies = ["pandas", "six"]'), requirements="six\nlightgbm")
    assert wish.packages == ("lightgbm", "pandas", "six")


def test_pandas_is_added_where_it_is_missing_and_this_is_said() -> None:
    wish = _wish(requirements="lightgbm")
    assert wish.packages == ("lightgbm", "pandas<3")
    assert "pandas<3 was added" in wish.notices[0]


@pytest.mark.parametrize("line", ["pandas", "Pandas[excel]>=2", "pandas ; python_version > '3'"])
def test_pandas_is_not_added_twice(line: str) -> None:
    assert len(_wish(requirements=line).packages) == 1


def test_a_header_without_dependencies_keeps_the_packages_of_studio() -> None:
    usual = _wish(script=_header('requires-python = ">=3.8"'))
    newer = _wish(script=_header('requires-python = ">=3.12"'))
    assert usual == studio_environment()
    assert newer.packages == studio_environment().packages
    assert newer.python == ">=3.11,>=3.12"


def test_a_header_with_an_empty_list_has_pandas_only() -> None:
    assert _wish(script=_header("dependencies = []")).packages == ("pandas<3",)


def test_entries_without_meaning_here_are_said() -> None:
    wish = _wish(script=_header('dependencies = ["pandas"]', "[tool.uv]"))
    assert wish.notices == ("'tool' in the script's header has no meaning here.",)


def test_a_header_has_no_effect_in_current_and_this_is_said() -> None:
    script = _header('dependencies = ["six"]')
    assert wish_for("current", script) is None
    assert "not applied" in header_notice(script)[0]
    assert header_notice(SCRIPT) == header_notice(None) == ()


def test_contradictions_are_refused() -> None:
    assert _code("current", requirements="six") == "C060"
    assert _code("own") == "C060"


def test_an_unknown_name_gets_the_nearest_suggested() -> None:
    with pytest.raises(ProblemError, match="Did you mean `studio`"):
        wish_for("studios")


def test_a_condition_that_is_none_is_refused() -> None:
    assert _code("studio", _header('requires-python = "new"')) == "C051"
    assert _code("studio", _header('requires-python = "new"', "dependencies = []")) == "C051"


def test_own_environments_may_be_switched_off() -> None:
    assert _code("studio", requirements="six", allow_own=False) == "C063"
    assert _code("studio", _header('dependencies = ["six"]'), allow_own=False) == "C063"
    assert wish_for("studio", SCRIPT, None, PackagePolicy(allow_own=False)) == studio_environment()


@pytest.mark.parametrize(
    ("line", "is_old"),
    [
        ("pandas<3", True),
        ("pandas<3.0", True),
        ("pandas==2.3.*", True),
        ("pandas==1.5.3", True),
        ("pandas~=2.1", True),
        ("pandas>=1,<=2.3", True),
        ("pandas", False),
        ("pandas>=2", False),
        ("pandas==3.0.1", False),
        ("pandas<4", False),
        ("pandas!=2.0", False),
        ("six<2", False),
    ],
)
def test_scripts_are_taken_for_old_ones_where_pandas_3_is_ruled_out(line: str, is_old: bool) -> None:
    assert keeps_pandas_below_3([line]) is is_old


def test_compatibility_follows_from_the_packages() -> None:
    assert _wish().compatibility
    assert _wish(requirements="lightgbm").compatibility
    assert not _wish(requirements="pandas>=3").compatibility
