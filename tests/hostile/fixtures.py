"""Make the hostile input files. ``python fixtures.py OUT MARKERDIR MARKER``.

Whoever opens one of the files that carry code, or follows one of the names that lead out, leaves a file
called MARKER in MARKERDIR. Each maker below is one idea.
"""

from __future__ import annotations

import gzip
import io
import pickle
import random
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MIB = 1 << 20
_MODULE = b"ANSWER = 42\n"
_SYMLINK = 0o120777 << 16
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DEFLATE = 8
_SHADOWED = (
    "json",
    "pandas",
    "numpy",
    "runner",
    "skyloom/__init__",
    "sitecustomize",
    "usercustomize",
    "site",
    "os",
)


@dataclass(frozen=True)
class Mark:
    """Where a file appears when hostile content was obeyed."""

    folder: Path
    name: str

    @property
    def path(self) -> str:
        return str(self.folder / self.name)


class _Opens:
    """Opens a file for writing when it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (self._path, "w")


Maker = Callable[[Mark], bytes]


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are the point
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, _SYMLINK
    return info


# --- script bundles --------------------------------------------------------------------------------


def good_bundle(mark: Mark) -> bytes:
    return _zip(("helper.py", _MODULE), ("package/__init__.py", b""), ("package/inner.py", _MODULE))


def climbing(mark: Mark) -> bytes:
    up = "../" * 40 + mark.path.lstrip("/")
    return _zip(("helper.py", _MODULE), (up, b"x"), (f"a/../../{mark.name}", b"x"))


def backslashes(mark: Mark) -> bytes:
    archive = _zip((f"..?..?{mark.name}", b"x"), ("helper.py", _MODULE))
    return archive.replace(b"..?..?", b"..\\..\\")  # zipfile itself would turn them round


def absolute(mark: Mark) -> bytes:
    return _zip((mark.path, b"x"))


def drive_letter(mark: Mark) -> bytes:
    return _zip((f"C:/{mark.name}", b"x"), (f"//server/share/{mark.name}", b"x"))


def nul_in_name(mark: Mark) -> bytes:
    return _zip((f"helper.py?{mark.name}", _MODULE)).replace(b"helper.py?", b"helper.py\0")


def symlinks(mark: Mark) -> bytes:
    folder = str(mark.folder).encode()
    return _zip((_link("way"), folder), (f"way/{mark.name}", b"x"), (_link("secret.py"), b"/etc/shadow"))


def thousand_to_one(mark: Mark) -> bytes:
    return _zip(("zeros.bin", bytes(48 * MIB)), ("helper.py", _MODULE))


def too_large(mark: Mark) -> bytes:
    """Every member is allowed, their sum is not."""
    mostly_zeros = random.Random(7).randbytes(8 * 1024) + bytes(504 * 1024)
    return _zip(*((f"part{number}.bin", mostly_zeros * 100) for number in range(6)))


def too_many(mark: Mark) -> bytes:
    return _zip(*((f"m{number}.py", b"") for number in range(5000)))


def same_names(mark: Mark) -> bytes:
    return _zip(
        ("Tool.py", b"A = 1\n"), ("tool.py", b"A = 2\n"), ("tool.py", b"A = 3\n"), ("tool.py/x.py", b"")
    )


def nested(mark: Mark) -> bytes:
    return _zip(("inner.zip", _zip(("zeros.bin", bytes(32 * MIB)))), ("helper.py", _MODULE))


def shadowing(mark: Mark) -> bytes:
    body = f"open({mark.path!r}, 'w').write('x')\n".encode()
    return _zip(*((f"{name}.py", body) for name in _SHADOWED), ("helper.py", _MODULE))


def encrypted(mark: Mark) -> bytes:
    content = bytearray(_zip(("helper.py", _MODULE)))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying_size(mark: Mark) -> bytes:
    """32 MiB that call themselves ten bytes."""
    content = bytearray(_zip(("zeros.bin", bytes(32 * MIB))))
    central = content.find(b"PK\x01\x02")
    for place in (22, central + 24):
        content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def overlapping(mark: Mark) -> bytes:
    """A thousand entries that share one body: 16 GiB in 16 KiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(16 * MIB)) + packer.flush()
    crc = zlib.crc32(bytes(16 * MIB))
    sizes = crc, len(body), 16 * MIB
    local = _LOCAL.pack(b"PK\x03\x04", 20, 0, _DEFLATE, 0, 33, *sizes, 1, 0) + b"o" + body
    names = [f"o{number:03}".encode() for number in range(1000)]
    central = b"".join(
        _CENTRAL.pack(b"PK\x01\x02", 20, 20, 0, _DEFLATE, 0, 33, *sizes, len(name), 0, 0, 0, 0, 0, 0) + name
        for name in names
    )
    return (
        local + central + _END.pack(b"PK\x05\x06", 0, 0, len(names), len(names), len(central), len(local), 0)
    )


def cut_off(mark: Mark) -> bytes:
    return _zip(("helper.py", random.Random(3).randbytes(8000)))[:4000]


def no_archive(mark: Mark) -> bytes:
    return b"<html>not a zip at all</html>"


# --- files given as datasets -----------------------------------------------------------------------


def pickled(mark: Mark) -> bytes:
    return pickle.dumps(_Opens(mark.path))


def model(mark: Mark) -> bytes:
    return pickle.dumps({"estimator": [_Opens(mark.path)]})


def object_array(mark: Mark) -> bytes:
    target = io.BytesIO()
    np.savez(target, a=np.array([_Opens(mark.path)], dtype=object))
    return target.getvalue()


def array_bomb(mark: Mark) -> bytes:
    """Zeros, a thousand to one."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (33554432,), }".ljust(117) + b"\n"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as member:
        member.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        for _ in range(16):
            member.write(bytes(16 * MIB))
    return target.getvalue()


def _parquet(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()


def _plain_table() -> pa.Table:
    return pa.table({"number": list(range(20_000)), "text": ["some text"] * 20_000, "real": [0.5] * 20_000})


def half_parquet(mark: Mark) -> bytes:
    content = _parquet(_plain_table())
    return content[: len(content) // 2]


def noisy_parquet(mark: Mark) -> bytes:
    return _with_noise(_parquet(_plain_table()), seed=11, flips=80)


def noisy_footer(mark: Mark) -> bytes:
    content = _parquet(_plain_table())
    footer = struct.unpack("<I", content[-8:-4])[0]
    start = len(content) - 8 - footer
    return content[:start] + _with_noise(content[start:-8], seed=5, flips=6) + content[-8:]


def parquet_bomb(mark: Mark) -> bytes:
    """A dictionary of one long text: 30 GB when decoded."""
    codes = pa.array(np.zeros(300_000, dtype=np.int32))
    return _parquet(pa.table({"text": pa.DictionaryArray.from_arrays(codes, pa.array(["y" * 100_000]))}))


def pickled_metadata(mark: Mark) -> bytes:
    """Arrow extension metadata that old readers unpickled (CVE-2023-47248)."""
    payload = pickle.dumps(_Opens(mark.path))
    told = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": payload}
    schema = pa.schema([pa.field("a", pa.int64(), metadata=told)])
    return _parquet(pa.table([pa.array([1, 2])], schema=schema))


def lying_pandas_metadata(mark: Mark) -> bytes:
    told = b'{"index_columns": ["nowhere"], "columns": [{"name": "a", "pandas_type": 3}], "version": 7}'
    return _parquet(pa.table({"a": [1, 2]}).replace_schema_metadata({b"pandas": told}))


def _with_noise(content: bytes, seed: int, flips: int) -> bytes:
    found, chance = bytearray(content), random.Random(seed)
    for _ in range(flips):
        found[chance.randrange(4, max(5, len(found) - 8))] ^= 1 << chance.randrange(8)
    return bytes(found)


def ragged(mark: Mark) -> bytes:
    return b"a,b,c\n1,2,3\n4,5\n6,7,8,9,10\n\n,,,,,,\n"


def open_quote(mark: Mark) -> bytes:
    return b'a,b\n1,"this is never closed\n' + b"x,y\n" * 1_000_000


def mixed_encodings(mark: Mark) -> bytes:
    return b"\xff\xfea,b\n1,\x00\n\xe9\xa0,\xc3\xa9\r\r\n\x85,\x1a\n"


def million_columns(mark: Mark) -> bytes:
    return ",".join(f"column{number}" for number in range(1_000_000)).encode() + b"\n"


def long_line(mark: Mark) -> bytes:
    return b"a\n" + b"z" * (20 * MIB) + b"\n"


def packed_csv(mark: Mark) -> bytes:
    """Half a gibibyte of rows in half a megabyte."""
    target = io.BytesIO()
    with gzip.open(target, "wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _ in range(32):
            file.write(b"1,2\n" * (4 * MIB))
    return target.getvalue()


def packed_table(mark: Mark) -> bytes:
    """A dataset in a zip, a thousand to one."""
    return _zip(("data.csv", b"a,b\n" + b"1,2\n" * (20 * MIB)))


def formulas(mark: Mark) -> bytes:
    return b"=cmd|'/C calc'!A0,@SUM(1),+1,-1\n=1+1,@x,+y,-z\n"


def nothing(mark: Mark) -> bytes:
    return b""


def broken_arff(mark: Mark) -> bytes:
    return b"@relation r\n@attribute a {1,2\n@attribute b sort-of\n@attribute 'c\n@data\n1\n%\n,,,\n{9 x}\n"


def endless_arff(mark: Mark) -> bytes:
    return b"@relation r\n" + b"@attribute a numeric\n" * 200_000 + b"@data\n"


def wide_svmlight(mark: Mark) -> bytes:
    """Two cells, as far apart as numbers go: a dense table of it would have 10^18 columns."""
    return b"1 1:1 1000000000000000000:1\n0 -5:2 nan:3\n"


def tagged_yaml(mark: Mark) -> bytes:
    aliases = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 12))
    return f"a: !!python/object/apply:builtins.open [{mark.path!r}, w]\nb0: &b0 [x, x, x]\n{aliases}".encode()


def entity_workbook(mark: Mark) -> bytes:
    """A workbook whose XML unfolds to 10^9 words."""
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "ha">{steps}]>'
    parts = ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
    return _zip(*((part, f"{head}<root>&e9;</root>".encode()) for part in parts))


FILES: dict[str, Maker] = {
    "good.zip": good_bundle,
    "climbing.zip": climbing,
    "backslashes.zip": backslashes,
    "absolute.zip": absolute,
    "drive_letter.zip": drive_letter,
    "nul_in_name.zip": nul_in_name,
    "symlinks.zip": symlinks,
    "thousand_to_one.zip": thousand_to_one,
    "too_large.zip": too_large,
    "too_many.zip": too_many,
    "same_names.zip": same_names,
    "nested.zip": nested,
    "shadowing.zip": shadowing,
    "encrypted.zip": encrypted,
    "lying_size.zip": lying_size,
    "overlapping.zip": overlapping,
    "cut_off.zip": cut_off,
    "no_archive.zip": no_archive,
    "pickled.pkl": pickled,
    "model.joblib": model,
    "object_array.npz": object_array,
    "array_bomb.npz": array_bomb,
    "half.parquet": half_parquet,
    "noisy.parquet": noisy_parquet,
    "noisy_footer.parquet": noisy_footer,
    "bomb.parquet": parquet_bomb,
    "pickled_metadata.parquet": pickled_metadata,
    "lying_pandas_metadata.parquet": lying_pandas_metadata,
    "ragged.csv": ragged,
    "open_quote.csv": open_quote,
    "mixed_encodings.csv": mixed_encodings,
    "million_columns.csv": million_columns,
    "long_line.csv": long_line,
    "packed.csv.gz": packed_csv,
    "packed_table.zip": packed_table,
    "formulas.csv": formulas,
    "nothing.csv": nothing,
    "nothing.parquet": nothing,
    "pickle_called.csv": pickled,
    "broken.arff": broken_arff,
    "endless.arff": endless_arff,
    "wide.svmlight": wide_svmlight,
    "tagged.yml": tagged_yaml,
    "entities.xlsx": entity_workbook,
}


def make(folder: Path, mark: Mark, names: Iterator[str] | None = None) -> None:
    """Write the files; all of them, or those named."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or FILES:
        (folder / name).write_bytes(FILES[name](mark))


if __name__ == "__main__":
    make(
        Path(sys.argv[1]), Mark(Path(sys.argv[2]), sys.argv[3]), iter(sys.argv[4:]) if sys.argv[4:] else None
    )
