"""The files that a dataset's definition leads to, brought to this machine. Source: sdk.md 6, 11."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from skyloom.core.data_api import DatasetFile, DatasetFiles
from skyloom.core.data_reference import DataReference
from skyloom.core.dataset_definition import GLOB, fixed_part
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import DEFINITION, Staged
from skyloom.stores.source_web import fetch_url
from skyloom.stores.web_address import without_secrets

if TYPE_CHECKING:
    from skyloom.stores.datastores import Datastores
    from skyloom.stores.definition_book import DefinitionBook


def stage_dataset(stores: Datastores, definitions: DefinitionBook, place: DataReference) -> Staged:
    """A saved definition's files for a step: each at STORE/PATH, ``name`` is where the dataset begins.

    Raises
    ------
    ProblemError
        P240 no such definition; P233, R310 and the like of its sources.
    """
    found = dataset_files(stores, definitions.definition(place.path))
    files = {f"{one.store}/{one.path}": one.local for one in found.files}
    return Staged(DEFINITION, str(definitions.local(place.path)), place.digest, found.base, files)


def dataset_files(stores: Datastores, definition: Mapping[str, Any]) -> DatasetFiles:
    """Every file of a definition in the order of its sources; of file datasets, those that are taken.

    Raises
    ------
    ProblemError
        P233, P242, R310, R311, D063 to D067, D070, D071.
    """
    reading = definition.get("reading") or {}
    if reading.get("format") == "sql":
        return _query(stores, reading)
    files: list[DatasetFile] = []
    bases: list[str] = []
    is_file = False
    for source in definition["sources"]:
        found, base, is_file = _source(stores, source)
        files += found
        bases.append(base)
    if definition["kind"] == "file":
        files = _taken(files, definition.get("steps") or ())
    if len(bases) > 1:
        is_file = False
    return DatasetFiles(tuple(files), _common(bases, is_file), is_file)


def _source(stores: Datastores, source: Mapping[str, Any]) -> tuple[list[DatasetFile], str, bool]:
    """Its files, the folder or file that it begins with (STORE/PATH), whether it is one file."""
    if "url" in source:
        return _web(stores, str(source["url"]))
    store, path = str(source["datastore"]), _plain(str(source.get("path") or ""))
    fixed = fixed_part(path)
    has_pattern = any(letter in path for letter in GLOB)
    entries = stores.entries(DataReference(store, fixed))
    if has_pattern:
        wanted = re.compile(_pattern(path))
        entries = [one for one in entries if wanted.fullmatch(one.path)]
    is_file = not has_pattern and [one.path for one in entries] == [path]
    files = [DatasetFile(store, one.path, stores.local(store, one), one.size) for one in entries]
    return files, f"{store}/{fixed}".rstrip("/"), is_file


def _web(stores: Datastores, url: str) -> tuple[list[DatasetFile], str, bool]:
    mapped = stores.url_map.find(url.partition("?")[0])
    parts = urlsplit(url)
    path = f"{parts.netloc.rpartition('@')[2]}{parts.path}".strip("/")
    if mapped is not None:
        return _mapped(mapped, parts.scheme, path, url)

    def fetch(target: str) -> None:
        fetch_url(url, Path(target), stores.allowed)

    local = stores.cache.renewed("web", url, fetch=fetch)
    file = DatasetFile(parts.scheme, path, local, Path(local).stat().st_size)
    return [file], f"{parts.scheme}/{path}", True


def _mapped(
    mapped: tuple[Path, str], scheme: str, path: str, url: str
) -> tuple[list[DatasetFile], str, bool]:
    root, below = mapped
    fixed = fixed_part(below)
    start = root / fixed
    if not start.resolve().is_relative_to(root.resolve()) or not start.exists():
        what = f"There is nothing at '{without_secrets(url)}', which leads to a folder of this machine."
        raise ProblemError(Problem("P243", what, without_secrets(url), "Look at SKYLOOM_URL_MAP."))
    prefix = path[: len(path) - len(below)].rstrip("/")
    wanted = re.compile(_pattern(below))
    files = [
        DatasetFile(scheme, f"{prefix}/{found.relative_to(root)}", str(found), found.stat().st_size)
        for found in ([start] if start.is_file() else sorted(start.rglob("*")))
        if found.is_file() and (fixed == below or wanted.fullmatch(str(found.relative_to(root))))
    ]
    return files, f"{scheme}/{prefix}/{fixed}".rstrip("/"), start.is_file()


def _query(stores: Datastores, reading: Mapping[str, Any]) -> DatasetFiles:
    from skyloom.stores.datastore_query import query_rows  # SQLAlchemy and pyarrow: 0.5 s

    store, query = str(reading.get("datastore")), str(reading.get("query"))
    form = "csv" if reading.get("as") == "csv" else "parquet"
    time_s = reading.get("query_timeout")
    local = stores.cache.renewed(
        "query",
        store,
        query,
        form,
        fetch=lambda target: query_rows(stores, store, query, Path(target), time_s, form),
    )
    file = DatasetFile(store, f"query.{form}", local, Path(local).stat().st_size)
    return DatasetFiles((file,), f"{store}/query.{form}", True)


def _taken(files: Sequence[DatasetFile], steps: Sequence[Sequence[Any]]) -> list[DatasetFile]:
    left = list(files)
    for name, *given in steps:
        if name == "take":
            left = left[: int(given[0])]
        elif name == "skip":
            left = left[int(given[0]) :]
        elif name == "sample":
            chance = random.Random(given[1])
            left = [one for one in left if chance.random() < given[0]]
        elif name == "split":
            chance = random.Random(given[1])
            left = [one for one in left if (chance.random() < given[0]) == (given[2] == 0)]
    return left


def _common(bases: Sequence[str], is_file: bool) -> str:
    if is_file:
        return bases[0]
    parts = [base.split("/") for base in bases]
    if len(bases) > 1:  # one of several may be a file: its folder counts
        parts = [one[:-1] or one for one in parts]
    common: list[str] = []
    for level in zip(*parts):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return "/".join(common)


def _plain(path: str) -> str:
    text = path.replace("\\", "/")
    while text.startswith(("./", "/")):
        text = text[2:] if text.startswith("./") else text[1:]
    return "" if text == "." else text.rstrip("/")


def _pattern(path: str) -> str:
    """A pattern of paths as a regular expression: ``**`` crosses folders, ``*`` and ``?`` do not.

    >>> [bool(re.fullmatch(_pattern(one), "a/b/c.csv")) for one in ("a/**/*.csv", "a/*", "**")]
    [True, False, True]
    """
    return "".join(_pieces(path.strip("/")))


def _pieces(path: str) -> Iterator[str]:
    place = 0
    while place < len(path):
        if path.startswith("**/", place):
            yield "(?:.*/)?"
            place += 3
        elif path.startswith("**", place):
            yield ".*"
            place += 2
        elif path[place] == "*":
            yield "[^/]*"
            place += 1
        elif path[place] == "?":
            yield "[^/]"
            place += 1
        elif path[place] == "[" and "]" in path[place + 2 :]:
            end = path.index("]", place + 2)
            inside = path[place + 1 : end].replace("\\", "\\\\")
            yield f"[{'^' + inside[1:] if inside.startswith('!') else inside}]"
            place = end + 1
        else:
            yield re.escape(path[place])
            place += 1
