"""Markup, formulas and names of object prototypes are text like any other.

status = "completed"
json = "strict"
host = ["ui_escapes_values"]
"""

import pandas as pd

TEXTS = (
    "<script>fetch('/x')</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}} ${7*7} <%= 7*7 %>",
    '=HYPERLINK("http://127.0.0.1/x", "click")',
    "'; DROP TABLE runs; --",
    "\x1b[31mred\x1b[0m \u202egnp",
)


def azureml_main(dataframe1=None, dataframe2=None):
    print(*TEXTS, sep="\n")
    columns = {text: list(TEXTS) for text in TEXTS}
    return pd.DataFrame({**columns, "__proto__": range(7), "constructor": range(7), "": range(7)})
