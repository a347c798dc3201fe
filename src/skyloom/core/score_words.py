"""Words between the server and a score script's box: the columns of a call and of its answer."""

from __future__ import annotations

# a row of a call: the body, and what else there is to know of the request, as JSON
BODY, ASKED = "data", "asked"
# a row of an answer: its text, HTTP status, and headers as JSON
RESULT, STATUS, HEADERS = "result", "status", "headers"
SWAGGER = "swagger"  # the kind of call that asks what the script declares
