"""Tokens and keys in log lines give way to their ids (reliability.md 4.1, row 9)."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"aml_([0-9a-f]{16})_[0-9a-f]{64}")
_KEY = re.compile(r"[A-Za-z0-9+/]{86}==")  # of an endpoint, or of the storage account


def redacted(text: str) -> str:
    """The text without secrets.

    >>> redacted("token aml_0011223344556677_" + "a" * 64)
    'token aml_0011223344556677_...'
    """
    return _KEY.sub("(key)", _TOKEN.sub(r"aml_\1_...", text))


class RedactingFormatter(logging.Formatter):
    """Formats a record as a whole, tracebacks too, and then takes secrets out."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
