"""uv builds real environments here, out of wheels made on the spot: no index is needed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.current_environment import current_environment
from skyloom.compute.environments import Environments
from skyloom.compute.studio_packages import studio_environment
from skyloom.core.environment import Environment
from skyloom.core.problem import ProblemError
from tests.compute.shop import Shop

LOOSE = Environment("loose", "3.11", ("tiny",))
READY = """
import os, signal, sys
from pathlib import Path
from skyloom.compute.environments import Environments
from skyloom.core.environment import Environment

def say(line):
    print(line, flush=True)
    if len(sys.argv) > 2 and sys.argv[2] in line:
        os.kill(os.getpid(), signal.SIGKILL)

environments = Environments(Path(sys.argv[1]))
print(environments.ready(Environment("loose", "3.11", ("tiny",)), say).path)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    folder = tmp_path / "wheels"
    folder.mkdir()
    shop = Shop(folder, tmp_path / "cache")
    shop.add("tiny", "1.0")
    return shop


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environments(home: Path, shop: Shop) -> Iterator[Environments]:
    made = Environments(home, environ=shop.environ)
    yield made
    made.close()


def _ready(environments: Environments, environment: Environment) -> tuple[str, list[str]]:
    lines: list[str] = []
    return environments.ready(environment, lines.append).path, lines


def _folder(python: str) -> Path:
    return Path(python).parents[2]


def _run(python: str, code: str) -> str:
    answer = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def _failure(environments: Environments, environment: Environment) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        environments.ready(environment, lambda line: None)
    return caught.value


def test_what_is_asked_for_can_be_imported(environments: Environments) -> None:
    python, _ = _ready(environments, LOOSE)
    assert _run(python, "import tiny; print(tiny.__version__)") == "1.0"


def test_boxes_may_read_it_although_the_agent_keeps_its_own_files_private(environments: Environments) -> None:
    before = os.umask(0o077)
    try:
        packages = Path(environments.ready(LOOSE, print).path).parents[1] / "lib"
    finally:
        os.umask(before)
    modes = [path.stat().st_mode for path in (packages, *packages.rglob("*"))]
    assert all(mode & 0o004 for mode in modes)


def test_it_is_built_once_and_the_second_time_starts_nothing(environments: Environments) -> None:
    first, lines = _ready(environments, LOOSE)
    assert any("Building" in line for line in lines)
    assert _ready(environments, LOOSE) == (first, [])


def test_the_second_time_needs_neither_uv_nor_index(
    environments: Environments, home: Path, shop: Shop
) -> None:
    built = environments.ready(LOOSE, lambda line: None)
    for wheel in shop.folder.iterdir():
        wheel.unlink()
    later = Environments(home, environ={"PATH": "/nowhere"})
    assert later.ready(LOOSE, lambda line: None) == built
    later.close()


def test_the_log_and_the_lock_are_kept(environments: Environments) -> None:
    python, lines = _ready(environments, LOOSE)
    manifest = json.loads((_folder(python) / "manifest.json").read_text())
    assert (_folder(python) / "build.log").read_text().splitlines() == lines
    assert manifest["pins"] == ["tiny==1.0"]
    assert "--hash=sha256:" in manifest["lock"]


def test_modules_are_compiled_except_the_packages_own_tests(environments: Environments) -> None:
    python, _ = _ready(environments, LOOSE)
    assert list(_folder(python).glob("venv/lib/python*/site-packages/tiny/__pycache__/*.pyc"))


def test_equal_wishes_of_another_name_share_one_folder(environments: Environments) -> None:
    first, _ = _ready(environments, LOOSE)
    again, lines = _ready(environments, Environment("other name", "3.11", (" tiny ", "tiny")))
    assert (again, lines) == (first, [])


def test_a_script_of_its_own_gets_pandas_and_hears_of_it_once(environments: Environments, shop: Shop) -> None:
    shop.add("pandas", "2.9", needs=("numpy",))
    shop.add("pandas", "3.1", needs=("numpy",))
    shop.add("numpy", "2.0")
    wish = environments.resolve("studio", None, "tiny")
    python, lines = _ready(environments, wish)
    assert _run(python, "import pandas, tiny; print(pandas.__version__)") == "2.9"
    assert [line for line in lines if "was added" in line] == list(wish.notices)
    assert _ready(environments, wish)[1] == []


def test_the_nearest_python_is_used_and_this_is_said(environments: Environments) -> None:
    _, lines = _ready(environments, Environment("old", "2.7", ("tiny",)))
    assert any(line.startswith("Python 2.7 was asked for; 3.") for line in lines)


def test_a_python_that_is_not_here_is_refused_before_anything_is_queued(environments: Environments) -> None:
    header = '# /// script\n# requires-python = ">=4"\n# dependencies = ["tiny"]\n# ///\n'
    with pytest.raises(ProblemError, match=r"C051: Python >=4 requested; found 3\."):
        environments.resolve("studio", header)


def test_an_environment_is_known_by_its_digest_after_a_restart(
    environments: Environments, home: Path
) -> None:
    wish = environments.resolve("studio", None, "tiny\npandas<3")
    later = Environments(home)
    assert later.resolve(wish.digest) == wish
    assert later.resolve(wish.digest).compatibility
    assert later.resolve(studio_environment().digest) == studio_environment()
    assert later.resolve(current_environment().digest) == current_environment()


@pytest.mark.parametrize("digest", ["sha256:", "sha256:../../etc/passwd", "sha256:" + "0" * 64])
def test_an_unknown_digest_is_refused(environments: Environments, digest: str) -> None:
    with pytest.raises(ProblemError, match="C050"):
        environments.resolve(digest)


def test_current_is_the_interpreter_that_runs_the_agent(environments: Environments, home: Path) -> None:
    interpreter = environments.ready(environments.resolve("current"), lambda line: None)
    assert (interpreter.name, interpreter.path, interpreter.compatibility) == (
        "current",
        sys.executable,
        False,
    )
    assert interpreter.digest == environments.digest(environments.resolve("current"), lambda line: None)
    assert not list(home.glob("envs/*/venv"))


def test_versions_stay_until_they_are_forgotten(environments: Environments, shop: Shop) -> None:
    first = environments.ready(LOOSE, lambda line: None)
    shop.add("tiny", "1.1")
    environments.release(LOOSE)
    assert environments.remove_unused() == (_folder(first.path),)
    again = environments.ready(LOOSE, lambda line: None)
    assert again == first
    assert environments.forget(LOOSE)
    newer = environments.ready(LOOSE, lambda line: None)
    assert newer.digest != first.digest
    assert _run(newer.path, "import tiny; print(tiny.__version__)") == "1.1"


def test_the_digest_is_known_before_it_is_built(environments: Environments, home: Path) -> None:
    digest = environments.digest(LOOSE, lambda line: None)
    assert not list(home.glob("envs/*/venv"))
    assert environments.ready(LOOSE, lambda line: None).digest == digest
    assert environments.digest(LOOSE, lambda line: None) == digest


def test_the_digest_tells_what_is_installed_apart(environments: Environments, shop: Shop) -> None:
    loose = environments.ready(LOOSE, lambda line: None)
    pinned = environments.ready(Environment("pinned", "3.11", ("tiny==1.0",)), lambda line: None)
    variable = Environment("v", "3.11", ("tiny",), variables=(("A", "1"),))
    assert loose.digest == pinned.digest
    assert environments.ready(variable, lambda line: None).digest != loose.digest


@pytest.mark.parametrize("damage", ["manifest", "half a manifest", "package", "python", "nothing but a log"])
def test_a_damaged_folder_is_built_anew(environments: Environments, damage: str) -> None:
    python, _ = _ready(environments, LOOSE)
    folder = _folder(python)
    packages = next(folder.glob("venv/lib/python*/site-packages"))
    if damage == "manifest":
        (folder / "manifest.json").unlink()
    elif damage == "half a manifest":
        (folder / "manifest.json").write_text((folder / "manifest.json").read_text()[:100])
    elif damage == "package":
        (packages / "tiny-1.0.dist-info").rename(folder / "elsewhere")
    elif damage == "python":
        os.unlink(python)
        os.symlink("/nowhere/python", python)
    else:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        (folder / "build.log").write_text("")
    again, lines = _ready(environments, LOOSE)
    assert again == python
    assert any("Building" in line for line in lines)
    assert not (folder / "elsewhere").exists()
    assert _run(again, "import tiny; print(tiny.__version__)") == "1.0"


def test_requirements_that_do_not_fit_together_show_what_uv_found(
    environments: Environments, shop: Shop
) -> None:
    shop.add("other", "1.0", needs=("tiny>2",))
    error = _failure(environments, Environment("x", "3.11", ("tiny", "other")))
    assert error.problem.code == "C055"
    assert "other" in error.problem.message


def test_a_package_without_a_wheel_is_not_built(environments: Environments, shop: Shop) -> None:
    (shop.folder / "source-1.0.tar.gz").write_bytes(b"")
    assert _failure(environments, Environment("x", "3.11", ("source",))).problem.code in ("C055", "C062")


def test_a_package_that_does_not_start_is_not_accepted(
    environments: Environments, shop: Shop, home: Path
) -> None:
    shop.add("pandas", "2.0", code="raise ImportError('no such processor')")
    error = _failure(environments, Environment("x", "3.11", ("pandas",)))
    assert error.problem.code == "C058"
    assert "no such processor" in error.problem.message
    assert environments.list() == ()
    shop.add("pandas", "2.1")
    environments.ready(Environment("x", "3.11", ("pandas",)), lambda line: None)


def test_a_changed_wheel_is_not_installed_silently(environments: Environments, shop: Shop) -> None:
    environments.ready(LOOSE, lambda line: None)
    shop.add("tiny", "1.0", code="print('something else')")
    shutil.rmtree(shop.cache)
    environments.release(LOOSE)
    environments.remove_unused()
    assert _failure(environments, LOOSE).problem.code == "C065"


def test_an_index_that_does_not_answer_is_told_without_its_address(home: Path, shop: Shop) -> None:
    environ = {
        **{name: value for name, value in shop.environ.items() if not name.startswith("PIP_")},
        "UV_DEFAULT_INDEX": "http://me:hunter2word@127.0.0.1:9/simple",
        "UV_HTTP_RETRIES": "0",
    }
    environments = Environments(home, environ=environ)
    lines: list[str] = []
    with pytest.raises(ProblemError) as caught:
        environments.ready(LOOSE, lines.append)
    environments.close()
    log = next(home.glob("envs/*/build.log")).read_text()
    assert caught.value.problem.code == "C056"
    for text in (str(caught.value), "\n".join(lines), log):
        assert "hunter2word" not in text
        assert "127.0.0.1" not in text


def test_an_image_is_refused(environments: Environments) -> None:
    assert _failure(environments, Environment("x", "3.11", ("tiny",), image="base")).problem.code == "C066"


def test_the_least_recently_used_go_first_and_those_in_use_stay(
    environments: Environments, shop: Shop
) -> None:
    shop.add("other", "1.0")
    wishes = [Environment("x", "3.11", packages) for packages in (("tiny",), ("other",), ("other", "tiny"))]
    folders = [_folder(environments.ready(wish, lambda line: None).path) for wish in wishes]
    for folder, used in zip(folders, (100, 300, 200), strict=True):
        os.utime(folder / "last_used", (used, used))
    assert [built.folder for built in environments.list()] == [str(folders[n]) for n in (1, 2, 0)]
    environments.release(wishes[0])
    environments.release(wishes[1])
    assert environments.remove_unused(keep=1) == (folders[0],)  # 1 is the most recent, 2 is in use
    assert {built.folder for built in environments.list()} == {str(folders[1]), str(folders[2])}


def test_an_environment_in_use_by_another_agent_stays(
    environments: Environments, home: Path, shop: Shop
) -> None:
    other = Environments(home, environ=shop.environ)
    other.ready(LOOSE, lambda line: None)
    assert environments.remove_unused() == ()
    other.close()
    assert len(environments.remove_unused()) == 1


def test_the_description_names_pythons_and_sizes(environments: Environments) -> None:
    environments.ready(LOOSE, lambda line: None)
    description = environments.describe()
    assert description.uv
    assert os.path.realpath(sys.executable) in {python.path for python in description.pythons}
    assert [built.packages for built in description.built] == [("tiny==1.0",)]
    assert description.size_bytes >= description.shared_bytes > 0


def test_threads_of_one_agent_build_once(environments: Environments) -> None:
    results: list[tuple[str, list[str]]] = []
    threads = [threading.Thread(target=lambda: results.append(_ready(environments, LOOSE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({python for python, _ in results}) == 1
    assert sum("Building" in line for _, lines in results for line in lines) == 1


def _agent(home: Path, shop: Shop, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", READY, str(home), *arguments]
    return subprocess.Popen(command, env=shop.environ, stdout=subprocess.PIPE, text=True)


def test_two_agents_that_share_a_home_build_once(home: Path, shop: Shop) -> None:
    agents = [_agent(home, shop), _agent(home, shop)]
    said = [agent.communicate(timeout=120)[0].splitlines() for agent in agents]
    assert [agent.returncode for agent in agents] == [0, 0]
    assert said[0][-1] == said[1][-1]
    assert sum("Building" in line for lines in said for line in lines) == 1


@pytest.mark.parametrize("moment", ["Python 3", "packages resolved", "Installed", "Compiling"])
def test_a_builder_that_is_killed_leaves_nothing_that_is_used(
    home: Path, shop: Shop, environments: Environments, moment: str
) -> None:
    killed = _agent(home, shop, moment)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert environments.list() == ()
    python, lines = _ready(environments, LOOSE)
    assert any("Building" in line for line in lines)
    assert _run(python, "import tiny; print(tiny.__version__)") == "1.0"


def test_a_listener_that_raises_stops_the_build(environments: Environments) -> None:
    def stop(line: str) -> None:
        if "resolved" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        environments.ready(LOOSE, stop)
    assert environments.list() == ()
    assert _ready(environments, LOOSE)[0]
