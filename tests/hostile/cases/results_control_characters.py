"""Console text that would clear, colour, retitle or reverse a terminal is shown, not obeyed.

status = "completed"
json = "strict"
log_contains = "[2J"
host = ["ui_escapes_log"]
"""

import sys

import pandas as pd

SAID = (
    "\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b]52;c;cHduZWQ=\x07",
    "\x1b]8;;http://127.0.0.1/x\x1b\\a link\x1b]8;;\x1b\\",
    "back\b\b\b\bspace, bell \x07, delete \x7f, c1 \x9b31m",
    "safe\u202etxt.exe\u202c and \u2066isolated\u2069",
    "over\rwritten",
    "\x1bP+q544e\x1b\\ and \x1b[6n",
)


def azureml_main(dataframe1=None, dataframe2=None):
    for text in SAID:
        print(text)
        print(text, file=sys.stderr)
    sys.stdout.flush()
    sys.stdout.buffer.write(b"bytes \xff\xfe\x9b31m\x85 end\n")
    return pd.DataFrame({"done": [1]})
