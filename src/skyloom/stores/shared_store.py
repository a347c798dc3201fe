"""SharedStore: where the machines of a team keep a workspace's content, by address.

``file:///mnt/team`` is a folder that every machine mounts, ``az://CONTAINER/PREFIX`` a blob container,
``s3://BUCKET/PREFIX`` a bucket. The address holds no secret: what opens the store comes from the
environment, by the names that the tools of Azure and AWS use.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.content_file import sync_folder
from skyloom.stores.remote_files import Entry, RemoteFiles
from skyloom.stores.secret_words import SecretWords

SHARED_URL = "SKYLOOM_SHARED_URL"
_AZURE = "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"


class StoreFiles(Protocol):
    """Files by path; a file is there whole or not at all. Faults are ProblemErrors without secrets."""

    def entries(self, path: str) -> list[Entry]: ...

    def exists(self, path: str) -> bool: ...

    def fetch(self, path: str, target: str) -> None: ...

    def put(self, source: str, path: str) -> None: ...

    def remove(self, path: str) -> None: ...

    def check(self, create: bool = False) -> None: ...


class FolderFiles:
    """A folder, perhaps of another machine's disk; durable when ``put`` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self, path: str) -> list[Entry]:
        start = self._folder / path
        found = [start] if start.is_file() else sorted(start.rglob("*"))
        return [
            Entry(str(one.relative_to(self._folder)), status.st_size, f"{status.st_mtime_ns}")
            for one in found
            if one.is_file() and not one.name.startswith(".part-") and (status := one.stat())
        ]

    def exists(self, path: str) -> bool:
        return (self._folder / path).is_file()

    def fetch(self, path: str, target: str) -> None:
        with _told(self._folder, f"read '{path}'"):
            shutil.copyfile(self._folder / path, target)

    def put(self, source: str, path: str) -> None:
        target = self._folder / path
        with _told(self._folder, f"write '{path}'"):
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".part-{os.urandom(8).hex()}")
            try:
                with open(source, "rb") as content, open(part, "xb") as file:
                    shutil.copyfileobj(content, file, 1 << 20)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
            sync_folder(target.parent)

    def remove(self, path: str) -> None:
        target = self._folder / path
        with _told(self._folder, f"replace '{path}'"):
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def check(self, create: bool = False) -> None:
        with _told(self._folder, "open it"):
            if create:
                self._folder.mkdir(parents=True, exist_ok=True)
            os.listdir(self._folder)


class SharedStore:
    """One team's store; ``part`` gives the files below a folder of it.

    Raises
    ------
    ProblemError
        C151: the address is none, or its library or what opens it is missing.
    """

    def __init__(self, address: str, environ: Mapping[str, str] = os.environ) -> None:
        self.address = address.rstrip("/")
        found = urlsplit(self.address)
        self._root = f"{found.netloc}{found.path}".strip("/")
        self._connect: Callable[[], Any] | None = None
        if found.password or found.query or "@" in found.netloc:
            raise _no_address(found.scheme, "An address holds no user, password or token.")
        if found.scheme == "file" and not found.netloc and found.path.strip("/"):
            return
        if found.scheme not in ("az", "s3") or not found.netloc:
            raise _no_address(
                self.address, "Use file:///FOLDER, az://CONTAINER/PREFIX or s3://BUCKET/PREFIX."
            )
        self._words = SecretWords()
        self._words.learn(environ.get(name, "") for name in (*_AZURE, "AWS_SECRET_ACCESS_KEY"))
        if found.scheme == "az":
            self._connect = _azure(environ)
        else:
            self._connect = _s3(environ)

    def part(self, path: str) -> StoreFiles:
        if self._connect is None:
            return FolderFiles(Path("/", self._root, path))
        return RemoteFiles("shared", self._connect, f"{self._root}/{path}", self._words, _no_way_in)

    def check(self) -> None:
        """That the store answers and lets us in (C151)."""
        self.part("").check(create=True)


def _azure(environ: Mapping[str, str]) -> Callable[[], Any]:
    line, account, key = (environ.get(name, "") for name in _AZURE)
    if not line and not (account and key):
        raise _no_address("az://", f"Set {_AZURE[0]}, or {_AZURE[1]} and {_AZURE[2]}, on this machine.")

    def connect() -> Any:
        try:
            from adlfs import AzureBlobFileSystem  # 1 s to import
        except ImportError:
            raise _no_address("az://", "pip install 'skyloom[azure]' on this machine.") from None
        more: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
        if line:
            return AzureBlobFileSystem(connection_string=line, **more)
        return AzureBlobFileSystem(account_name=account, account_key=key, **more)

    return connect


def _s3(environ: Mapping[str, str]) -> Callable[[], Any]:
    def connect() -> Any:
        try:
            from s3fs import S3FileSystem
        except ImportError:
            raise _no_address("s3://", "pip install 'skyloom[s3]' on this machine.") from None
        return S3FileSystem(
            key=environ.get("AWS_ACCESS_KEY_ID") or None,
            secret=environ.get("AWS_SECRET_ACCESS_KEY") or None,
            token=environ.get("AWS_SESSION_TOKEN") or None,
            endpoint_url=environ.get("AWS_ENDPOINT_URL") or None,
            client_kwargs={"region_name": environ["AWS_REGION"]} if environ.get("AWS_REGION") else {},
            skip_instance_cache=True,
            use_listings_cache=False,
        )

    return connect


class _told:
    """What a file system says, as a Problem."""

    def __init__(self, folder: Path, wish: str) -> None:
        self._folder = folder
        self._wish = wish

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            raise ProblemError(_no_way_in(str(self._folder), self._wish, why)) from error


def _no_way_in(name: str, wish: str, why: str) -> Problem:
    return Problem(
        "C151",
        f"The shared store did not let us {wish}: {why}",
        name,
        f"Look at {SHARED_URL} and at what opens it on this machine.",
    )


def _no_address(where: str, fix: str) -> ProblemError:
    return ProblemError(Problem("C151", "The shared store cannot be used.", where, fix))
