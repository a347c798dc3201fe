"""Secret words: what must not be read in logs, records or errors, and the hiding of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_SHORTEST = 4  # shorter ones would make holes in every other word


class SecretWords:
    """Every secret of a workspace's datastores, in each spelling that an address or a library gives it."""

    def __init__(self) -> None:
        self._words: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        spelled: set[str] = set()
        for secret in secrets:
            for word in (secret, secret.strip(), secret.lstrip("?")):
                spelled |= {word, quote(word), quote(word, safe=""), quote_plus(word)}
        with self._lock:
            kept = {word for word in spelled if len(word) >= _SHORTEST}
            self._words = tuple(sorted(kept | set(self._words), key=len, reverse=True))

    def hide(self, text: str) -> str:
        for word in self._words:
            text = text.replace(word, HIDDEN)
        return text

    def watch_logs(self) -> None:
        """Hide them in whatever this process logs from now on; libraries of stores tell warnings only."""
        for noisy in ("azure", "adlfs", "aiobotocore", "botocore", "s3fs", "fsspec"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        hiding = _Hiding(self)
        for handler in logging.getLogger().handlers:
            handler.addFilter(hiding)


class _Hiding(logging.Filter):
    def __init__(self, words: SecretWords) -> None:
        super().__init__()
        self._words = words

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._words.hide(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._words.hide(record.exc_text)
        return True
