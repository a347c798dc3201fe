"""The floor of scoring: bare ASGI, orjson, and the model as the one line of arithmetic that it is."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy
import orjson
from sklearn.linear_model import LogisticRegression

from bench.load import pin_server
from bench.scoring_model import training_data


def weights() -> tuple[numpy.ndarray, float]:
    """Of the same kind of model, fitted to the same data."""
    fitted = LogisticRegression(max_iter=200).fit(*training_data())
    return fitted.coef_[0], float(fitted.intercept_[0])


def make_app() -> Any:
    slope, shift = weights()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        rows = orjson.loads(body)["data"]
        scores = 1 / (1 + numpy.exp(-(numpy.asarray(rows) @ slope + shift)))
        answer = orjson.dumps({"result": scores}, option=orjson.OPT_SERIALIZE_NUMPY)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


async def _live(receive: Any, send: Any) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def main() -> None:
    pin_server()
    import uvicorn

    from bench.serving import listening_socket, until_input_ends

    line = listening_socket()
    config = uvicorn.Config(make_app(), http="httptools", loop="uvloop", access_log=False, log_level="error")
    server = uvicorn.Server(config)
    print(json.dumps({"port": line.getsockname()[1]}), flush=True)
    until_input_ends(server)
    server.run(sockets=[line])


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
