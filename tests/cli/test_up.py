from __future__ import annotations

import json
import re
import signal
import time
import urllib.request
from pathlib import Path

from .commands import Commands


def test_up_prints_an_address_that_signs_in_once(skyloom: Commands) -> None:
    first = skyloom("up", "--port", "0")
    assert first.code == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/signin#once=once_[0-9a-f]{64}\n", first.out)
    again = skyloom("up", "--port", "0")
    address, _, word = again.out.partition("#")
    assert again.code == 0 and first.out.partition("#")[0] == address and word not in first.out
    assert skyloom("token", "show").out.strip() not in first.out + first.err
    down = skyloom("down", "--json")
    assert json.loads(down.out) == {"closed": True}
    assert json.loads(skyloom("down", "--json").out) == {"closed": False}


def test_up_refuses_to_stand_open_without_tls(skyloom: Commands) -> None:
    refused = skyloom("up", "--host", "0.0.0.0", "--port", "0")
    assert refused.code == 4
    assert "W102" in refused.err and "--behind-tls-proxy" in refused.err


def test_tokens_are_made_listed_and_revoked(skyloom: Commands) -> None:
    made = skyloom("token", "create", "--scope", "read", "--expires", "30d", "--json").json
    assert made["token"].startswith(f"aml_{made['id']}_") and made["expires_at"]
    listed = json.loads(skyloom("token", "list", "--json").out)["tokens"]
    assert [token["scopes"] for token in listed if token["id"] == made["id"]] == [["read"]]
    assert all("token" not in token for token in listed)
    assert skyloom("token", "revoke", made["id"]).code == 0
    assert skyloom("token", "revoke", made["id"]).code == 3
    assert "revoked" in skyloom("token", "list").out


def test_a_scope_that_does_not_exist_is_told(skyloom: Commands) -> None:
    refused = skyloom("token", "create", "--scope", "everything")
    assert refused.code == 2
    assert "A106" in refused.err


def test_up_with_wait_stays_until_it_is_told_to_end(skyloom: Commands) -> None:
    waiting = skyloom.start("up", "--port", "0", "--wait", "--json")
    try:
        assert waiting.stdout is not None
        address = json.loads(waiting.stdout.readline())["address"]
        with urllib.request.urlopen(f"{address}/livez", timeout=20) as answer:
            assert answer.status == 200
        time.sleep(0.5)
        assert waiting.poll() is None
        waiting.send_signal(signal.SIGTERM)
        assert waiting.wait(30) == 0
    finally:
        waiting.kill()
        waiting.communicate()
    assert not (Path(skyloom.home) / "agent" / "server.json").exists()
