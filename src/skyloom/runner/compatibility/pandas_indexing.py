"""``.ix``: labels where they can be meant, positions otherwise.

Source of the rule: pandas 0.23, Indexing and Selecting Data, "The ix indexer is deprecated".
"""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from skyloom.runner.compatibility.pandas3_copies import widened

_WHOLE = ("integer", "mixed-integer", "floating", "boolean")


class Ix:
    """The old indexer of one frame or series.

    An axis of whole numbers is indexed by label. On any other axis whole numbers, lists and slices of them
    are positions (a slice
    then excludes its end) and all else are labels. A mixture over two axes is allowed. Setting what does
    not exist adds it.
    """

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def __call__(self, axis: Any = None) -> "Ix":
        return self

    def __getitem__(self, key: Any) -> Any:
        keys = self._keys(key)
        if not any(self._is_position(axis, part) for axis, part in enumerate(keys)):
            return self._by_label(key, keys)
        found = self._owner
        # the later axis first: taking one row makes a series, which has no columns left
        for axis in reversed(range(len(keys))):
            part = keys[axis]
            indexer = found.iloc if self._is_position(axis, part) else found.loc
            found = indexer[part] if axis == 0 else indexer[:, part]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        keys = self._keys(key)
        positional = [self._is_position(axis, part) for axis, part in enumerate(keys)]
        if not any(positional):
            _set(self._owner, self._owner.loc, key, value)
            return
        if len(keys) == 2 and not positional[1] and _is_new(self._owner.columns, keys[1]):
            self._owner[keys[1]] = float("nan")
            if not hasattr(value, "__float__"):
                self._owner[keys[1]] = self._owner[keys[1]].astype(object)  # so that it can hold the value
        places = tuple(
            part if is_place else _places(self._owner.axes[axis], part)
            for axis, (part, is_place) in enumerate(zip(keys, positional))
        )
        _set(self._owner, self._owner.iloc, places if len(places) > 1 else places[0], value)

    def _keys(self, key: Any) -> List[Any]:
        if isinstance(key, tuple) and self._owner.axes[0].nlevels == 1 and len(key) <= self._owner.ndim:
            keys = list(key)
        else:
            keys = [key]
        return [list(part) if _is_iterator(part) else part for part in keys]

    def _by_label(self, key: Any, keys: List[Any]) -> Any:
        try:
            return self._owner.loc[key if len(keys) > 1 or self._owner.axes[0].nlevels > 1 else keys[0]]
        except KeyError:
            lists = [_is_list(part) for part in keys]
            if not any(lists):
                raise
        # a list with labels that do not exist gave rows of missing values
        found = self._owner
        for axis in reversed(range(len(keys))):
            part = keys[axis]
            if lists[axis]:
                found = found.reindex(list(part), axis=axis) if found.ndim > 1 else found.reindex(list(part))
            else:
                found = found.loc[part] if axis == 0 else found.loc[:, part]
        return found

    def _is_position(self, axis: int, part: Any) -> bool:
        index = self._owner.axes[axis]
        numbers = _numbers(part)
        if numbers is None:
            return False
        kind = index.levels[0].inferred_type if index.nlevels > 1 else index.inferred_type
        if kind in _WHOLE:
            return kind == "mixed-integer" and not all(number in index for number in numbers)
        return len(index) > 0 or isinstance(part, slice)


def _numbers(part: Any) -> Optional[List[int]]:
    """Give the whole numbers that a key is made of; None when it is made of anything else."""
    if isinstance(part, slice):
        parts = [bound for bound in (part.start, part.stop) if bound is not None]
        if not parts:
            return None
    elif _is_list(part):
        parts = list(part)
        if not parts or str(getattr(part, "dtype", "")) == "bool":
            return None
    else:
        parts = [part]
    if all(
        hasattr(item, "__index__")
        and not isinstance(item, bool)
        and type(item).__name__ not in ("bool_", "bool")
        for item in parts
    ):
        return [int(item) for item in parts]
    return None


def _is_list(part: Any) -> bool:
    return (
        not isinstance(part, (str, bytes, tuple)) and hasattr(part, "__len__") and hasattr(part, "__iter__")
    )


def _is_iterator(part: Any) -> bool:
    return hasattr(part, "__next__") or isinstance(part, (range, type({}.keys()), type({}.values()), set))


def _is_new(columns: Any, label: Any) -> bool:
    return not _is_list(label) and not isinstance(label, slice) and label not in columns


def _places(index: Any, part: Any) -> Any:
    """Give the positions of labels, for ``iloc``."""
    if isinstance(part, slice):
        return index.slice_indexer(part.start, part.stop, part.step)
    if _is_list(part):
        if str(getattr(part, "dtype", "")) == "bool" or all(isinstance(item, bool) for item in part):
            return list(part)
        return index.get_indexer_for(list(part))
    found = index.get_loc(part)
    return found


def _set(owner: Any, indexer: Any, key: Any, value: Any) -> None:
    """Set; where the column's type cannot hold the value, widen it first, as pandas did until 3.0."""
    try:
        indexer[key] = value
    except TypeError:
        if not widen_for(owner, key, value):
            raise
        indexer[key] = value


def widen_for(owner: Any, key: Any, value: Any, by_position: bool = False) -> bool:
    """Give the columns of a frame that ``key`` names types that can hold ``value``.

    Say whether any was changed.
    """
    if owner.ndim == 1:
        wide = widened(owner, value)
        if wide.dtype == owner.dtype:
            return False
        owner._update_inplace(wide)
        return True
    part = key[1] if isinstance(key, tuple) and len(key) == 2 else slice(None)
    names: Tuple[Any, ...] = _column_places(owner, part, by_position)
    changed = False
    for place in names:
        column = owner.iloc[:, place]
        wide = widened(column, value)
        if wide.dtype != column.dtype:
            owner.isetitem(place, wide)
            changed = True
    return changed


def _column_places(owner: Any, part: Any, by_position: bool) -> Tuple[Any, ...]:
    count = range(len(owner.columns))
    if by_position or (isinstance(part, int) and owner.columns.inferred_type not in _WHOLE):
        chosen = count[part] if isinstance(part, slice) else part
        return tuple(chosen) if hasattr(chosen, "__iter__") else (chosen,)
    if isinstance(part, slice):
        return tuple(count[owner.columns.slice_indexer(part.start, part.stop, part.step)])
    labels = list(part) if _is_list(part) else [part]
    return tuple(place for place in count if owner.columns[place] in labels)
