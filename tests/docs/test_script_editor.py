"""The page on the script editor is held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skyloom.compute import language_server
from skyloom.core.access import SUBMIT
from skyloom.core.language import language_wish
from skyloom.runner import local_values, value_text
from skyloom.runner.value_text import is_secret
from skyloom.server.routes import language
from skyloom.workspace.languages import MOST_OPEN

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "script-editor.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "said",
    [
        f"{MOST_OPEN} editors have a server already",
        f"may use {language_server.MEMORY_BYTES >> 20} MiB",
        f"after {language.IDLE_S / 60:g} minutes",
        f"`{language.PATH}`",
        f"the scope `{SUBMIT}`",
        f"{value_text.MOST_TEXT} characters; of a container its first {value_text._MOST_ITEMS} items",
        f"first {value_text._ROWS} rows",
        f"{local_values.MOST_VALUES} variables, {local_values.MOST_FRAME_TEXT} characters",
        f"{local_values.MOST_FRAMES} frames, {local_values.MOST_TEXT} characters, ",
        f"characters, {local_values.MOST_ERRORS} exceptions of a chain",
        f"{local_values.VALUE_S:g} s for a value, {local_values.ALL_S:g} s in all",
    ],
)
def test_figures_of_the_page_are_those_of_the_code(said: str) -> None:
    assert said in " ".join(PAGE.split())


def test_the_names_of_secrets_that_the_page_names_are_hidden() -> None:
    listed = re.search(r"speaks of a (.*?) or the like", PAGE, re.DOTALL)
    assert listed is not None
    names = re.findall(r"`(\w+)`", listed[1])
    assert len(names) == 5
    assert all(is_secret(name) for name in names)


def test_the_first_message_has_the_words_of_the_page() -> None:
    named = re.search(r"also (`version`.*?digest)", PAGE, re.DOTALL)
    assert named is not None
    for word in re.findall(r"`(\w+)`", named[1]):
        language_wish({word: "sha256:" + "0" * 64 if word == "bundle" else "x"})
    language_wish({"environment": "studio"})


def test_the_words_that_the_page_shows_are_on_the_page_of_the_studio() -> None:
    catalogue = (ROOT / "web" / "src" / "i18n" / "en.ts").read_text(encoding="utf-8")
    for key, said in (
        ("bundle.title", "Files"),
        ("bundle.save", "Save as a new version"),
        ("locals.title", "Values where it failed"),
    ):
        assert f'"{key}": "{said}"' in catalogue
        assert said in PAGE
