"""The table of codes and the code agree, both ways."""

import re
from pathlib import Path

from skyloom.core.codes import CODES

SOURCE = Path(__file__).resolve().parents[2] / "src" / "skyloom"
CODE = re.compile(r'"([GDMSCRWPAUX]\d{3,4})"')


def used_codes() -> set[str]:
    files = [file for file in SOURCE.rglob("*.py") if file.name != "codes.py"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    numbered = {f"M{int(number):04d}" for number in re.findall(r"studio_error\(\s*(\d+)", text)}
    return {code for code in CODE.findall(text) if len(code) == (5 if code[0] == "M" else 4)} | numbered


def test_every_code_that_is_used_stands_in_the_table() -> None:
    assert used_codes() - CODES.keys() == set()


def test_every_code_of_the_table_is_used() -> None:
    assert CODES.keys() - used_codes() == set()


def test_titles_are_short_and_differ() -> None:
    titles = [entry.title for entry in CODES.values()]
    assert max(map(len, titles)) <= 70
    assert all(not title[0].isalpha() or title[0].isupper() or title.startswith("uv ") for title in titles)
