"""Real solves and installations by py-rattler, from channels that tests make: no index is needed."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.compute.conda.builder import pip_lines
from skyloom.compute.environments import Environments
from skyloom.core.conda_wish import CondaWish
from skyloom.core.environment import Environment
from skyloom.core.problem import ProblemError
from tests.compute.conda.conftest import SETTING, served
from tests.compute.shop import Shop
from tests.conda_channel import FEATURE, VERSION


@pytest.fixture
def environments(tmp_path: Path, shop: Shop) -> Iterator[Environments]:
    made = Environments(tmp_path / "home", environ=shop.environ)
    yield made
    made.close()


def wish(*packages: str, index: tuple[str, ...] = (), python: str = FEATURE) -> Environment:
    return Environment("own", python, index, conda=CondaWish(packages, ("conda-forge", "side")))


def ready(environments: Environments, environment: Environment) -> tuple[str, list[str]]:
    lines: list[str] = []
    return environments.ready(environment, lines.append).path, lines


def failure(environments: Environments, environment: Environment) -> str:
    with pytest.raises(ProblemError) as caught:
        environments.ready(environment, lambda line: None)
    return str(caught.value)


def run(python: str, code: str) -> str:
    answer = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def test_packages_and_python_come_from_channels_and_pips_are_put_on_top(
    environments: Environments, shop: Shop, tmp_path: Path
) -> None:
    shop.add("tiny", "1.7")  # conda's will do, and stays
    shop.add("padded", "1.0", needs=("tiny",))
    asked = wish("needy", index=("needy", "padded"))
    python, lines = ready(environments, asked)
    code = "import sys, needy, tiny, padded; print(sys.prefix, tiny.__version__, padded.__version__)"
    prefix = Path(python).parents[1]
    assert run(python, code) == f"{prefix} 1.5 1.0"
    assert "Installing 3 conda packages" in " ".join(lines)
    built = environments.list()[0]
    assert built.packages == ("needy=1.0=py_0", f"python={VERSION}=0", "tiny=1.5=py_0", "padded==1.0")
    assert (built.channels, built.python) == (("conda-forge", "side"), VERSION)
    manifest = json.loads((prefix.parent / "manifest.json").read_text())
    assert manifest["lock"].count("sha256") == 4 and "--hash=sha256" in manifest["lock"]
    # boxes read it under a user id of their own; where packages are from is not theirs to read
    hidden = [path for path in prefix.rglob("*") if not path.is_symlink() and not path.stat().st_mode & 0o004]
    assert {path.parent.name for path in hidden} <= {"conda-meta"}

    assert ready(environments, asked) == (python, [])  # the second time starts nothing
    again = Environments(tmp_path / "home", environ={"PATH": "/nowhere"})
    assert again.ready(asked, lambda line: None).path == python  # ... and needs neither channel nor uv
    again.close()

    environments.release(asked)
    assert environments.remove(asked)
    shop.environ[SETTING] = "off"
    offline = Environments(tmp_path / "home", environ=shop.environ)  # what was fetched once is kept
    _, lines = ready(offline, asked)
    assert "The versions are those of the first build." in lines
    assert offline.list()[0].digest == built.digest
    offline.close()


def test_a_channel_over_http_may_have_a_password_which_is_kept_nowhere(
    shop: Shop, tmp_path: Path, package_cache: Path
) -> None:
    folder = Path(shop.environ[SETTING].partition("file://")[2].partition(";")[0])
    with served(folder, "me:opensesame") as host:
        shop.environ[SETTING] = f"own=http://me:opensesame@{host}"
        environments = Environments(tmp_path / "home", environ=shop.environ)
        asked = Environment("own", FEATURE, conda=CondaWish(("own::tiny<2",), ("own",)))
        python, lines = ready(environments, asked)
        environments.close()
    assert run(python, "import tiny; print(tiny.__version__)") == "1.5"
    assert host.partition(":")[0] not in "".join(lines)
    kept = [*(tmp_path / "home").rglob("*.json"), *(tmp_path / "home").rglob("*.log")]
    assert len(kept) > 4 and not any("opensesame" in path.read_text() for path in kept)


def test_what_does_not_go_together_is_told_in_the_solvers_words(environments: Environments) -> None:
    told = failure(environments, wish("needy", "tiny=2.0"))
    assert told.startswith("C068") and "needy 1.0 would require" in told and "tiny <2" in told
    assert "nothere" in failure(environments, wish("nothere"))
    assert environments.list() == ()


def test_a_line_that_rattler_does_not_read_is_named(environments: Environments) -> None:
    assert failure(environments, wish("tiny=>1")).startswith("C069")


def test_a_python_that_no_channel_has_is_refused_with_those_there_are(environments: Environments) -> None:
    told = failure(environments, wish("tiny", python=">=3.99"))
    assert told.startswith("C051") and VERSION in told


def test_packages_of_a_python_too_old_for_boxes_are_the_nearest_of_the_index(
    environments: Environments, shop: Shop
) -> None:
    shop.add("fussy", "2.0")
    asked = replace(wish("fussy=1.0", index=("fussy==1.0.*",), python="3.6.2"), takes_nearest=True)
    python, lines = ready(environments, asked)
    assert run(python, "import fussy; print(fussy.__version__)") == "2.0"
    assert environments.list()[0].channels == ()
    assert any("taken from Python's index" in line and "3.6.2 is too old" in line for line in lines)


@pytest.mark.parametrize("why", ["not reached", "not installed", "is off"])
def test_without_channels_the_index_stands_in_and_says_so(
    why: str, tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = {"is off": "off", "not reached": f"file://{tmp_path}/gone"}
    shop.environ[SETTING] = setting.get(why, shop.environ[SETTING])
    if why == "not installed":
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    environments = Environments(tmp_path / "home", environ=shop.environ)
    told = failure(environments, wish("tiny", index=("tiny",)))
    assert told.startswith("C055") and why in told and "Packages of conda were asked for (tiny)" in told
    assert ("install the extra `conda`" in told) == (why == "not installed")
    assert why in environments.describe().conda or why == "not reached"
    environments.close()


def test_a_build_that_is_given_up_ends_and_leaves_no_promise(environments: Environments) -> None:
    def give_up(line: str) -> None:
        if line.startswith("Installing"):
            raise KeyboardInterrupt

    asked = wish("tiny=1.0")
    with pytest.raises(KeyboardInterrupt):
        environments.ready(asked, give_up)
    assert environments.folder(asked).manifest() is None


def test_pips_lines_are_those_that_stand_for_nothing_of_conda() -> None:
    conda = CondaWish(("PyTorch=1.4", "mkl", "numpy>=1.16,<2", "pip"), ("conda-forge",))
    packages = ("numpy<2,>=1.16", "torch==1.4.*", "six", "pandas<3")
    assert set(pip_lines(Environment("own", "3.11", packages, conda=conda))) == {"six", "pandas<3"}


def test_addresses_are_for_those_who_run_the_agent(environments: Environments) -> None:
    text = "# skyloom conda channel: {}\n# skyloom conda package: tiny\ntiny"
    for channel, code in (("http://10.0.0.1/x", "C054"), ("file:///etc", "C054"), ("a b", "C069")):
        with pytest.raises(ProblemError) as caught:
            environments.resolve("own", None, text.format(channel))
        assert caught.value.problem.code == code
    for channel in ("https://conda.anaconda.org/bioconda", "pytorch/label/dev", "https://prefix.dev/x"):
        assert environments.resolve("own", None, text.format(channel)).conda is not None
    found = environments.resolve("own", None, text.format("side"))
    assert environments.resolve(found.digest) == found


def test_the_agent_never_loads_rattler() -> None:
    code = (
        "import sys, skyloom.server.__main__, skyloom.compute.environments; print('rattler' in sys.modules)"
    )
    assert run(sys.executable, code) == "False"
