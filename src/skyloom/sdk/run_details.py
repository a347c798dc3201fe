"""RunDetails: a run at a glance. Source: sdk.md 17.

In a notebook the steps are drawn with their states and kept up to date until the run has ended; in a plain
process it is a table of the moment.
"""

from __future__ import annotations

import threading
from html import escape
from typing import TYPE_CHECKING, Any

from skyloom.core.problem import ProblemError
from skyloom.core.state import is_terminal
from skyloom.sdk.run_picture import run_picture

if TYPE_CHECKING:
    from skyloom.sdk.run import Run

_TICK_S = 1.0  # how long one look waits for news
_COLUMNS = ("step", "status", "reused", "started", "ended")


class RunDetails:
    """The steps of a run, or the one step that is given."""

    def __init__(self, run_instance: Run) -> None:
        self._run = run_instance

    def show(self, render_lib: Any = None, widget_settings: Any = None) -> None:
        """Print the table; in a notebook, display it and refresh it in the background."""
        try:
            from IPython import get_ipython  # optional: notebooks only
            from IPython.display import HTML, display
        except ImportError:
            print(self._text())
            return
        if get_ipython() is None:
            print(self._text())
        else:
            shown = display(HTML(self._repr_html_()), display_id=True)
            follow = threading.Thread(target=self._refresh, args=(shown, HTML), daemon=True)
            follow.start()

    def _refresh(self, shown: Any, as_html: Any) -> None:
        """Show each change until the run has ended; an agent that goes away ends it too."""
        seen, told = 0, ""
        while shown is not None:
            try:
                run = self._run._core()
                now = self._repr_html_()
                if now != told:
                    shown.update(as_html(now))
                    told = now
                if is_terminal(run.state):
                    return
                events = self._run._api.events(self._run._run_id, seen, _TICK_S)
            except ProblemError:
                return
            seen = events[-1].sequence if events else seen

    def get_widget_data(self, widget_settings: Any = None) -> dict[str, Any]:
        """What the table shows, as values."""
        return {
            "status": self._run.status,
            "run_id": self._run.id,
            "run_properties": self._run.get_properties(),
            "child_runs": [dict(zip(_COLUMNS, row)) for row in self._rows()],
        }

    def _rows(self) -> list[tuple[str, ...]]:
        steps = self._run._steps() or [self._run]
        rows: list[tuple[str, ...]] = []
        for step in steps:
            details = step.get_details()
            reused = "azureml.reusedrunid" in details["properties"]
            times = (details["startTimeUtc"] or "", details["endTimeUtc"] or "")
            rows.append((step.name, step.get_status(), "yes" if reused else "", *times))
        return rows

    def _text(self) -> str:
        table = [_COLUMNS, *self._rows()]
        widths = [max(len(row[place]) for row in table) for place in range(len(_COLUMNS))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
        return "\n".join([f"{self._run.type} {self._run.id}: {self._run.status}", *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self._rows()
        )
        title = escape(f"{self._run.id}: {self._run.status}")
        page = self._run.get_portal_url()
        if page.startswith("http"):  # logs and results are there
            title = f'<a href="{escape(page)}" target="_blank">{title}</a>'
        return f"<p>{title}</p>{self._picture()}<table><tr>{head}</tr>{body}</table>"

    def _picture(self) -> str:
        steps = self._run._steps()
        states = {step._node: step.get_status() for step in steps}
        return run_picture(self._run._graph, states) if steps else ""
