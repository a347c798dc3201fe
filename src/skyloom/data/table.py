"""Table: rows and typed columns, never changed once made. What every module takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Dict, Iterator, Mapping, Optional, Sequence, Tuple

from skyloom.core.identity import Digest, Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import Layout
from skyloom.data.pages import MappedFile


@dataclass(frozen=True)
class Origin:
    """Where a column's segment already lies: a table file, by its digest, and the place in it."""

    file: Digest
    offset: int
    mapped: MappedFile = field(compare=False, repr=False)


@dataclass(frozen=True)
class Column:
    """One column's cells as bytes in the layout of its type, with its attributes.

    ``buffers`` are byte views in the order of docs/decisions/0001; ``categories`` is the nested column of a
    Categorical, whose type the attributes then tell as ``underlying``. ``origin`` is set while the cells are
    byte for byte those of a stored segment.
    """

    attributes: ColumnAttributes
    rows: int
    buffers: Tuple[memoryview, ...] = field(repr=False, compare=False)
    categories: Optional[Column] = field(default=None, repr=False, compare=False)
    origin: Optional[Origin] = field(default=None, compare=False)

    def __post_init__(self) -> None:
        underlying = self.categories.type if self.categories else None
        if self.attributes.underlying != underlying:
            object.__setattr__(self, "attributes", replace(self.attributes, underlying=underlying))

    @property
    def name(self) -> str:
        return self.attributes.name

    @property
    def type(self) -> str:
        return self.attributes.type

    @property
    def flat_buffers(self) -> Tuple[memoryview, ...]:
        return self.buffers + (self.categories.flat_buffers if self.categories else ())

    @property
    def layout(self) -> Layout:
        return Layout(
            self.type,
            self.rows,
            tuple(buffer.nbytes for buffer in self.buffers),
            self.attributes.encoding,
            self.categories.layout if self.categories else None,
        )


@dataclass(frozen=True)
class Table:
    """Columns of equal length with distinct names.

    ``extras`` is what is known of the table as a whole, such as its fold assignment; it is JSON and is kept
    with the table.
    """

    rows: int
    columns: Tuple[Column, ...]
    extras: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self._by_name) != len(self.columns):
            twice = next(column.name for column in self.columns if self._by_name[column.name] is not column)
            raise ProblemError(
                Problem("D001", f"The table has two columns named '{twice}'.", fix="Rename one of them.")
            )
        for column in self.columns:
            if column.rows != self.rows:
                raise ProblemError(
                    Problem(
                        "D002",
                        f"Column '{column.name}' has {column.rows} rows in a table of {self.rows}.",
                        where=column.name,
                        fix="Give every column the same number of rows.",
                    )
                )

    @cached_property
    def _by_name(self) -> Dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def size_bytes(self) -> int:
        """Bytes of all cells, whether mapped or in memory."""
        return sum(buffer.nbytes for column in self for buffer in column.flat_buffers)

    @property
    def names(self) -> Tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> Tuple[ColumnAttributes, ...]:
        return tuple(column.attributes for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises
        ------
        ProblemError
            D010 (Studio error 0001) when there is none; close names are suggested.
        """
        if name not in self._by_name:
            raise ProblemError(column_not_found(name, self.names))
        return self._by_name[name]

    def select(self, names: Sequence[str]) -> Table:
        """The named columns, in the order of ``names``; roles follow their columns."""
        return replace(self, columns=tuple(self.column(name) for name in names))

    def rename(self, new_names: Mapping[str, str]) -> Table:
        """The same cells under new names; names not mentioned stay."""
        for name in new_names:
            self.column(name)
        return self.with_attributes(
            {old: replace(self.column(old).attributes, name=new) for old, new in new_names.items()}
        )

    def with_attributes(self, attributes: Mapping[str, ColumnAttributes]) -> Table:
        """The same cells with other attributes for the columns named; the type itself cannot change here."""
        columns = tuple(
            replace(column, attributes=attributes.get(column.name, column.attributes)) for column in self
        )
        for before, after in zip(self.columns, columns):
            if (before.type, before.attributes.encoding) != (after.type, after.attributes.encoding):
                raise ProblemError(
                    Problem(
                        "D003",
                        f"Column '{before.name}' is {before.type} and cannot be relabelled {after.type}.",
                        where=before.name,
                        fix="Convert its cells with Edit Metadata.",
                    )
                )
        return replace(self, columns=columns)

    def with_columns(self, columns: Sequence[Column]) -> Table:
        """The table with further columns on the right; a column of a known name takes that one's place."""
        new = {column.name: column for column in columns}
        kept = tuple(new.pop(column.name, column) for column in self.columns)
        return replace(self, columns=kept + tuple(column for column in columns if column.name in new))

    def with_extras(self, extras: Mapping[str, Json]) -> Table:
        return replace(self, extras=dict(extras))


def column_not_found(name: str, names: Sequence[str]) -> Problem:
    """Studio error 0001, with the closest name there is."""
    close = get_close_matches(name, names[:1000], n=1, cutoff=0.6)
    some = ", ".join(f"'{known}'" for known in names[:10]) + (", ..." if len(names) > 10 else "")
    fix = f"Choose one of: {some}." if names else "The table has no columns."
    fix = f"Did you mean '{close[0]}'?" if close else fix
    return Problem("D010", f"Column '{name}' was not found.", where=name, fix=fix)
