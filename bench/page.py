"""The Studio in a browser: first paint, bytes of code, a large canvas, long lists and logs, a large table."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.browser import Reader, open_port, open_reader, plain_page
from bench.graphs import graph, script
from bench.listing import filled
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from bench.workspace import end_agent
from skyloom.server import page_files

NODES, RUNS, LINES, ROWS = 300, 10_000, 50_000, 6_500_000
SMALL_NODES, SMALL_RUNS, SMALL_LINES, SMALL_ROWS = 30, 300, 3_000, 20_000
ACROSS = 15  # boxes in a row of the large canvas
REST_S = 3.0  # after a start of the agent, until its boxes are ready
PATIENCE_MS = 60_000
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_SCRIPTS = (
    "performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.endsWith('.js'))"
)
_COUNT_FRAMES = """() => { const seen = []; window.seen = seen; let last = performance.now();
  const tick = (now) => { seen.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };
  window.ticking = requestAnimationFrame(tick); }"""
_FRAMES = "() => { cancelAnimationFrame(window.ticking); return window.seen.slice(1); }"
_BIG = """\
import numpy as np
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    random = np.random.default_rng(3)
    columns = {f"number{place}": random.standard_normal(ROWS) for place in range(15)}
    columns |= {f"whole{place}": random.integers(0, 1 << 40, ROWS) for place in range(2)}
    words = np.array([f"key-{place:08d}" for place in range(1000)], dtype=object)
    columns |= {f"text{place}": words[random.integers(0, 1000, ROWS)] for place in range(2)}
    return pd.DataFrame(columns),
"""
_TALK = """\
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    for place in range(LINES):
        print(f"line {place + 1} of the log, as long as such lines are")
    return pd.DataFrame({"n": [LINES]}),
"""


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    is_small = setting.sizes.chain_nodes != 20
    nodes, runs, lines, rows = (
        (SMALL_NODES, SMALL_RUNS, SMALL_LINES, SMALL_ROWS) if is_small else (NODES, RUNS, LINES, ROWS)
    )
    home = setting.workspace.home
    filled(Path(home) / "records.sqlite", runs).close()
    with open_reader() as reader, plain_page() as plain:
        experiment = _canvas(setting, nodes)
        talk = _talked(setting, lines)
        size = _large_table(setting, rows)
        blank = Floor(Case("page.plain", "s", partial(_painted, reader, plain)))
        yield (
            Case("page.first_paint", "s", partial(_painted, reader, f"{reader.address}/"), 1, 0.5, (blank,)),
            Case("page.initial_javascript", "kB", partial(_code, reader, "/", "main h1"), 250, 150),
            Case(
                "page.canvas_javascript",
                "kB",
                partial(_code, reader, f"/experiments/{experiment}", ".react-flow__node"),
            ),
            Case(
                "page.drag_frame",
                "ms",
                partial(_dragged, reader, experiment),
                20,
                16.7,
                facts={"nodes": nodes},
            ),
            Case("page.runs_list", "s", partial(_listed, reader), 1, 0.5, (blank,), {"runs": runs}),
            Case("page.log", "s", partial(_logged, reader, talk, lines), 1, 0.5, (blank,), {"lines": lines}),
            Case(
                "page.table",
                "s",
                partial(_opened, reader, home, 0.2 if is_small else REST_S),
                2,
                0.5,
                facts={"rows": rows, "bytes": size},
            ),
        )


ITEM = Item("page", 5, prepare)


def _painted(reader: Reader, address: str) -> Measurement:
    """Until something is painted, with nothing in the browser's cache."""
    with reader.page() as page:
        page.goto(address, wait_until="load")
        page.wait_for_function(f"() => ({_PAINTED}) > 0", timeout=PATIENCE_MS)
        return Measurement(page.evaluate(_PAINTED) / 1000)


def _code(reader: Reader, path: str, shown: str) -> Measurement:
    """Scripts that a page has loaded when it shows itself, by gzip; what was sent may be smaller."""
    with reader.page() as page:
        page.goto(reader.address + path, wait_until="networkidle")
        page.locator(shown).first.wait_for(timeout=PATIENCE_MS)
        names = page.evaluate(_SCRIPTS)
    built = Path(page_files.__file__).parent / "web" / "assets"
    sizes = [len(gzip.compress((built / name.rpartition("/")[2]).read_bytes(), 9)) for name in names]
    return Measurement(sum(sizes) / 1000, {"files": len(sizes)})


def _dragged(reader: Reader, experiment: str) -> Measurement:
    """The mean time between two frames while a box is dragged about; 20 ms are 50 frames a second."""
    with reader.page() as page:
        page.goto(f"{reader.address}/experiments/{experiment}")
        box = page.locator(".react-flow__node .box-title").first
        box.wait_for(timeout=PATIENCE_MS)
        page.wait_for_timeout(500)
        at = box.bounding_box()
        x, y = at["x"] + 20, at["y"] + 5
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 5, y + 5)
        page.evaluate(_COUNT_FRAMES)
        for place in range(60):
            page.mouse.move(x + 5 + 6 * (place % 20), y + 5 + 4 * (place % 15))
        frames = sorted(page.evaluate(_FRAMES))
        page.mouse.up()
    if not frames:
        raise RuntimeError("no frame was drawn while a box was dragged")
    mean = sum(frames) / len(frames)
    return Measurement(
        mean, {"frames_a_second": 1000 / mean, "p95": frames[int(len(frames) * 0.95)], "n": len(frames)}
    )


def _listed(reader: Reader) -> Measurement:
    """From the address until the newest runs stand there."""
    with reader.page() as page:
        started = time.perf_counter()
        page.goto(f"{reader.address}/runs", wait_until="commit")
        page.locator("table tbody tr").nth(5).wait_for(timeout=PATIENCE_MS)
        return Measurement(time.perf_counter() - started)


def _logged(reader: Reader, run: str, lines: int) -> Measurement:
    """From the address of a run until all lines of its log are there to be scrolled."""
    wanted = f"() => document.querySelector('.log-inner')?.offsetHeight >= {lines * 19 - 40}"
    with reader.page() as page:
        started = time.perf_counter()
        page.goto(f"{reader.address}/runs/{run}?node=talk", wait_until="commit")
        page.wait_for_function(wanted, timeout=PATIENCE_MS)
        return Measurement(time.perf_counter() - started)


def _opened(reader: Reader, home: str, rest_s: float) -> Measurement:
    """From the click until rows stand there; the agent has just started and has not touched the table."""
    end_agent(home)
    open_port(reader.port)
    with reader.page() as page:
        page.goto(f"{reader.address}/datasets")
        button = page.locator("table").get_by_text("big", exact=True).first
        button.wait_for(timeout=PATIENCE_MS)
        time.sleep(rest_s)
        started = time.perf_counter()
        button.click()
        page.locator("table.cells tbody td.num").first.wait_for(timeout=PATIENCE_MS)
        rows = time.perf_counter() - started
        page.locator(".visualize-side dl.facts").first.wait_for(timeout=PATIENCE_MS)
        return Measurement(rows, {"figures_s": time.perf_counter() - started})


def _canvas(setting: Setting, nodes: int) -> str:
    """An experiment of so many linked boxes."""
    bodies: dict[str, Any] = {}
    for place in range(nodes):
        above = f"n{place - ACROSS}" if place >= ACROSS else None
        body = script(_TALK, above)
        assert isinstance(body, dict)
        bodies[f"n{place}"] = {**body, "position": [260 * (place % ACROSS), 120 * (place // ACROSS)]}
    return str(setting.workspace.api.experiments.create_experiment(graph("large", bodies), "large").id)


def _talked(setting: Setting, lines: int) -> str:
    text = _TALK.replace("LINES", str(lines))
    run = setting.workspace.carry_out(graph("talk", {"talk": script(text)})).run
    setting.workspace.checked(run)
    return str(run)


def _large_table(setting: Setting, rows: int) -> int:
    run = setting.workspace.carry_out(graph("big", {"big": script(_BIG.replace("ROWS", str(rows)))})).run
    node = setting.workspace.node(run, "big")
    artifact = next(iter(node.outputs.values()))
    setting.workspace.api.register_dataset("big", artifact)
    return artifact.size
