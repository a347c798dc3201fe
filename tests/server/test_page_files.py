"""The page as it is delivered: fresh words, packed files that stay in the browser, nothing beside them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from skyloom.server.gate import is_public
from skyloom.server.page_files import PageFiles
from skyloom.server.routes import pages

from .web import Web, make_web

INDEX = (
    '<html><meta property="csp-nonce" nonce="SKYLOOM_NONCE"><script nonce="SKYLOOM_NONCE"></script></html>'
)
PACKED = gzip.compress(b"run()", mtime=0)  # a time in it would be another test's name in each worker


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build that every web application of the test serves."""
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    script = folder / "assets" / "index-Ab_1.js"
    script.write_text("run()")
    script.with_name("index-Ab_1.js.gz").write_bytes(PACKED)
    script.with_name("index-Ab_1.js.br").write_bytes(b"brotli")
    (folder / "assets" / "index-Ab_1.css").write_text("a{}")
    (folder / "assets" / "notes.txt").write_text("no page needs this")
    monkeypatch.setattr(pages, "_BUILT", PageFiles(folder))
    return folder


@pytest.fixture
def web(tmp_path: Path, built: Path) -> Web:
    return make_web(tmp_path / "home")


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/runs/01a2", "/experiments/new", "/services/s/endpoints/default", "/settings"]
)
def test_every_address_of_the_page_gives_the_page(web: Web, path: str) -> None:
    answer = web.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert b"SKYLOOM_NONCE" not in answer.body


def test_the_word_of_the_styles_is_fresh_for_each_page_and_stands_in_its_policy(web: Web) -> None:
    words = set()
    for _ in range(2):
        answer = web.ask("GET", "/")
        word = re.findall(r'nonce="([^"]+)"', answer.body.decode())[0]
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'self' 'nonce-{word}';" in policy
        assert "script-src 'self';" in policy
        words.add(word)
    assert len(words) == 2


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/runsx", "/runs/a b", "/runs//", "/home/../x", "/experiments/%41", "/pipelines/v1.0/x"],
)
def test_other_addresses_are_not_the_page(web: Web, path: str) -> None:
    assert web.ask("GET", path).status in (400, 401)
    assert not is_public("GET", path)


def test_a_page_is_only_read(web: Web) -> None:
    assert web.ask("POST", "/runs").status == 401
    assert web.ask("HEAD", "/runs").status == 200


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip;q=1.0", "gzip", PACKED),
        ("identity", None, b"run()"),
        ("", None, b"run()"),
    ],
)
def test_files_are_packed_as_the_browser_takes_them(
    web: Web, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = web.ask("GET", "/assets/index-Ab_1.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(answer.body) == b"run()" if encoding == "gzip" else answer.body == body


@pytest.mark.parametrize("name", ["notes.txt", "index-Ab_1.js.br", "index.html", ".sources", "gone-1.js"])
def test_only_files_of_the_page_are_given(web: Web, name: str) -> None:
    assert web.ask("GET", f"/assets/{name}").status in (401, 404)


def test_the_sign_in_keeps_its_own_files(web: Web) -> None:
    assert web.ask("GET", "/assets/signin.js").status == 200
    assert web.ask("GET", "/assets/page.css").status == 200


def test_a_page_that_was_not_built_says_so(web: Web, built: Path) -> None:
    (built / "index.html").unlink()
    assert b"was not built" in web.ask("GET", "/").body


def test_a_build_made_anew_is_seen_at_once(web: Web, built: Path) -> None:
    (built / "index.html").write_text("<p>new</p>")
    assert web.ask("GET", "/").body == b"<p>new</p>"
