"""What a script prints leaves at once and in UTF-8; notices and tracebacks go to the error stream."""

from __future__ import absolute_import, division, print_function

import os
import sys

from .words import safe_text

_write = os.write  # kept: a script may replace os.write


class Notices(object):
    """What the user should know although nothing failed. Also printed to the log."""

    def __init__(self):
        # type: () -> None
        self.texts = []  # type: list[str]

    def __call__(self, text):
        # type: (str) -> None
        text = safe_text(text)
        if text not in self.texts:
            self.texts.append(text)
            say(u"Notice: " + text)


def flush():
    # type: () -> None
    """Push out what the script left in its streams; a closed or replaced stream is no fault."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            continue


def say(text):
    # type: (str) -> None
    """Write a line of ours to the script's error stream, past whatever ``sys.stderr`` now is."""
    flush()
    line = (text.rstrip(u"\n") + u"\n").encode("utf-8", "replace")
    try:
        while line:
            line = line[_write(2, line) :]
    except OSError:  # the script closed descriptor 2: there is no log any more
        return
