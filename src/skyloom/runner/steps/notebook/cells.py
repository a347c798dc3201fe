"""Carrying out cells: what each prints, shows and gives, as a notebook file keeps it (nbformat 4)."""

from __future__ import annotations

import ast
import base64
import builtins
import io
import linecache
import sys
import traceback
from typing import Any, Dict, List, Optional

from skyloom.runner.steps.notebook.magics import CALL, Magics, plain_python

Output = Dict[str, Any]


class CellError(Exception):
    """A cell failed; the message is its traceback."""


class Session:
    """One namespace, and the outputs of the cell that runs."""

    def __init__(self) -> None:
        self.namespace: Dict[str, Any] = {
            "__name__": "__main__",
            "__builtins__": builtins,
            "display": self._display,
        }
        self._magics = Magics(self.namespace)
        self.namespace[CALL] = self._magics.line
        self._outputs: List[Output] = []
        self._count = 0

    def run(self, source: str, number: int) -> List[Output]:
        """Outputs of one code cell; one that failed ends with its error."""
        self._outputs, self._count = [], number
        out, err = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Tee(out, "stdout", self._outputs), _Tee(err, "stderr", self._outputs)
        try:
            self._carry_out(source, f"<cell {number}>")
            self._take_figures()
        except BaseException as error:
            self._outputs.append(_failure(error))
        finally:
            sys.stdout, sys.stderr = out, err
        return self._outputs

    def _carry_out(self, source: str, name: str) -> None:
        text, cells = plain_python(source)
        for head, body in cells:
            self._magics.cell(head, body)
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)  # tracebacks show its lines
        tree = ast.parse(text, name)
        last: Optional[ast.expr] = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not text.rstrip().endswith(";"):
            last = tree.body.pop().value  # type: ignore[attr-defined]
        exec(compile(tree, name, "exec"), self.namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last), name, "eval"), self.namespace)
            if value is not None:
                self.namespace["_"] = value
                self._outputs.append(
                    {"output_type": "execute_result", "execution_count": self._count, "metadata": {},
                     "data": bundle_of(value)}
                )  # fmt: skip

    def _display(self, *values: Any, **_: Any) -> None:
        for value in values:
            self._outputs.append({"output_type": "display_data", "metadata": {}, "data": bundle_of(value)})

    def _take_figures(self) -> None:
        """Figures that a cell drew are shown below it, as in Jupyter."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            buffer = io.BytesIO()
            pyplot.figure(number).savefig(buffer, format="png", bbox_inches="tight")
            picture = base64.b64encode(buffer.getvalue()).decode()
            data = {"image/png": picture, "text/plain": "<Figure>"}
            self._outputs.append({"output_type": "display_data", "metadata": {}, "data": data})
        pyplot.close("all")


def bundle_of(value: Any) -> Dict[str, Any]:
    """The forms in which a value can be shown."""
    found: Dict[str, Any] = {"text/plain": repr(value)}
    for kind, name in (("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_"),
                       ("image/svg+xml", "_repr_svg_")):  # fmt: skip
        form = _form(value, name)
        if isinstance(form, str):
            found[kind] = form
    picture = _form(value, "_repr_png_")
    if isinstance(picture, bytes):
        found["image/png"] = base64.b64encode(picture).decode()
    return found


def _form(value: Any, name: str) -> Any:
    try:
        method = getattr(value, name, None)
        return method() if callable(method) and not isinstance(value, type) else None
    except Exception:  # a value that cannot show itself has its plain form
        return None


def _failure(error: BaseException) -> Output:
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell"):
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace)
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": "".join(lines).splitlines(),
    }


class _Tee:
    """A stream that goes on to the step's log, and is kept below the cell."""

    def __init__(self, stream: Any, name: str, outputs: List[Output]) -> None:
        self._stream = stream
        self._name = name
        self._outputs = outputs

    def write(self, text: str) -> int:
        self._stream.write(text)
        last = self._outputs[-1] if self._outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == self._name:
            last["text"] += text
        elif text:
            self._outputs.append({"output_type": "stream", "name": self._name, "text": text})
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
