from __future__ import annotations

import io
import logging

from skyloom.stores.secret_words import SecretWords


def test_what_is_logged_holds_no_secret() -> None:
    words = SecretWords()
    words.learn(["abc/def==", "?sv=1&sig=xyzw", "x"])
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    logging.getLogger().addHandler(handler)
    try:
        words.watch_logs()
        try:
            raise ValueError("it was abc/def==")
        except ValueError:
            logging.getLogger("some.library").exception("asked %s", "https://h/?sv=1&sig=xyzw")
    finally:
        logging.getLogger().removeHandler(handler)
    told = output.getvalue()
    assert "ValueError: it was ***" in told and "asked https://h/" in told
    assert "abc/def" not in told and "xyzw" not in told
    assert words.hide("an x stays") == "an x stays"  # too short to be looked for
