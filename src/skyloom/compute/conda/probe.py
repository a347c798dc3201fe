"""Asks addresses whether a conda channel is there: ``python probe.py SECONDS ADDRESS...``.

A process of its own, because looking a host up cannot be bounded from within. Prints a JSON list: for each
address why there is no channel, or empty text. It needs nothing but the standard library.
"""

import base64
import http.client
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# what a channel has at least one of, beside packages for single platforms
FILES = ("noarch/repodata.json.zst", "noarch/repodata_shards.msgpack.zst", "noarch/repodata.json")
_REACHED = (200, 206, 304, 401, 405)  # 401: py-rattler may have what it takes


def why_not(address: str, within_s: float) -> str:
    """Why an address is no channel; empty text: it is, as far as a first look tells."""
    if address.startswith("file://"):
        folder = urllib.request.url2pathname(urllib.parse.urlsplit(address).path)
        is_there = any(os.path.isfile(os.path.join(folder, name)) for name in FILES)
        return "" if is_there else "the folder holds no channel"
    why = "it has none of a channel's files"
    for name in FILES:
        status, fault = _asked(f"{address}/{name}", within_s)
        if status in _REACHED:
            return ""
        if status != 404:
            return fault
    return why


def _asked(address: str, within_s: float) -> "tuple[int, str]":
    parts = urllib.parse.urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(parts._replace(netloc=host).geturl(), method="HEAD")
    request.add_header("User-Agent", "skyloom")
    if parts.username:
        word = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
        request.add_header("Authorization", "Basic " + base64.b64encode(word.encode()).decode())
    try:
        with _opener().open(request, timeout=within_s) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, f"it answers {error.code}"
    except urllib.error.URLError as error:
        return 0, str(getattr(error.reason, "strerror", "") or error.reason)[:120]
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, str(error)[:120] or type(error).__name__


def _opener() -> urllib.request.OpenerDirector:
    proxies = urllib.request.getproxies()
    for scheme in ("http", "https"):
        if "all" in proxies:
            proxies.setdefault(scheme, proxies["all"])
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies))


def main() -> None:
    within_s, addresses = float(sys.argv[1]), sys.argv[2:]
    answers = [f"no answer within {within_s:g} s"] * len(addresses)

    def ask(place: int) -> None:
        answers[place] = why_not(addresses[place], within_s)

    threads = [threading.Thread(target=ask, args=(place,), daemon=True) for place in range(len(addresses))]
    ends_at = time.monotonic() + within_s - 0.2
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))
    print(json.dumps(list(answers)), flush=True)
    os._exit(0)  # a look-up that hangs would keep us


if __name__ == "__main__":
    main()
