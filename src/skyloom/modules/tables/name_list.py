"""Names of columns as people type them: separated by commas, in quotes where a name has one."""

from __future__ import annotations

import re

_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)')


def split_names(text: str) -> list[str]:
    """Names separated by commas as in a line of CSV; blanks outside quotes are dropped, empty names too.

    >>> split_names('a, "b, c" ,d')
    ['a', 'b, c', 'd']
    """
    found = [(quoted.replace('""', '"'), plain.strip()) for quoted, plain in _NAME.findall(text)]
    return [quoted or plain for quoted, plain in found if quoted or plain]
