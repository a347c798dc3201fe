"""The seeds' stories, one after the other, through the command line: `make demo`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from sklearn import datasets as packaged

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "adult-income"))
from make_people import make_people  # noqa: E402 (an example of its own, beside its graph)

PLACE = Path(os.environ.get("SKYLOOM_DEMO", ROOT.parent / ".demo"))
STORIES = {
    "expressions": "evaluating the expressions of a column",
    "zip-modules": "Hello.zip with print_hello, written for Python 2",
    "figures": "a scatter matrix of Iris as PNG",
    "feature-ranking": "feature importance of Breast Cancer, joined in SQL",
    "trained-model": "a trained model through a port of its own",
    "iris-species": "three species: trained, scored, evaluated, tuned, cross-validated, grouped",
    "adult-income": "who earns more: two learners compared, tuned and explained",
    "r-script": "means and a fitted line, computed in R",
}


def skyloom(*words: str) -> dict[str, object]:
    """Run the command line and read its JSON; a failure is shown and ends the demo."""
    program = Path(sys.executable).with_name("skyloom")
    environ = {**os.environ, "SKYLOOM_HOME": str(PLACE / "home")}
    done = subprocess.run(
        [program, *words, "--json"], capture_output=True, text=True, env=environ, check=False
    )
    if done.returncode != 0:
        tell_failure(done.stdout)
        print(done.stderr, file=sys.stderr)
        sys.exit(f"'skyloom {' '.join(words)}' ended with {done.returncode}.")
    return json.loads(done.stdout)


def tell_failure(text: str) -> None:
    """The problem of every node that has one, as a person reads it."""
    try:
        nodes = json.loads(text).get("nodes", {})
    except ValueError:
        print(text, file=sys.stderr)
        return
    for name, node in nodes.items():
        if node["problem"]:
            told = node["problem"]
            print(f"{name}: {told['message']} {told['fix']}", told["traceback"], sep="\n", file=sys.stderr)


def prepare_data(folder: Path) -> None:
    """Real data that ships inside scikit-learn, as CSV, and the bundle as a zip."""
    folder.mkdir(parents=True, exist_ok=True)
    iris = packaged.load_iris(as_frame=True)
    species = iris.target.map(dict(enumerate(iris.target_names)))
    iris.data.assign(species=species).to_csv(folder / "iris.csv", index=False)
    packaged.load_breast_cancer(as_frame=True).frame.to_csv(folder / "breast_cancer.csv", index=False)
    make_people().to_csv(folder / "people.csv", index=False)
    with zipfile.ZipFile(folder / "Hello.zip", "w") as bundle:
        bundle.write(ROOT / "zip-modules" / "bundle" / "Hello.py", "Hello.py")


def add_datasets(folder: Path) -> None:
    for name, file in (
        ("Iris", "iris.csv"),
        ("Breast Cancer", "breast_cancer.csv"),
        ("Adult Income", "people.csv"),
        ("Hello.zip", "Hello.zip"),
    ):
        skyloom("dataset", "add", str(folder / file), "--name", name)


def tell(story: str, report: dict[str, object], seconds: float) -> tuple[int, int]:
    """One line a node; gives how many nodes were reused of how many."""
    nodes = report["nodes"]
    reused = sum(1 for node in nodes.values() if node["reused_from"])
    print(f"\n{STORIES[story]}  ({len(nodes)} nodes, {reused} reused, {seconds:.2f} s)")
    for name, node in nodes.items():
        how = "reused" if node["reused_from"] else f"{node['timings_ms'].get('total', 0):.0f} ms"
        print(f"  {name:<12} {node['state']:<10} {how:<10} {node['isolation']}")
        for image in node["images"]:
            shown = PLACE / "images" / f"{story}-{name}-{Path(image).name}"
            shutil.copyfile(image, shown)
            print(f"  {'':<12} image: {shown}")
        for metric, value in node["metrics"].items():
            if not isinstance(value, dict):  # tables of curves are for the page
                print(f"  {'':<12} {metric}: {value}")
        log = Path(node["stdout"])
        if log.exists() and log.stat().st_size:
            for line in log.read_text(errors="replace").splitlines()[:4]:
                print(f"  {'':<12} | {line}")
    return reused, len(nodes)


def show_result(report: dict[str, object], node: str, rows: int = 5) -> None:
    import pandas

    frame = pandas.read_parquet(next(iter(report["nodes"][node]["outputs"].values())))
    print("  " + frame.head(rows).to_string(index=False).replace("\n", "\n  "))


def main() -> None:
    print("Skyloom demo: the stories of the old articles, on this machine.")
    first = not (PLACE / "home" / "envs").exists()
    if first:
        print("The first run builds the environment 'studio' (once; needs the package index).")
    (PLACE / "images").mkdir(parents=True, exist_ok=True)
    prepare_data(PLACE / "data")
    add_datasets(PLACE / "data")
    reused = nodes = 0
    for story in STORIES:
        if story == "r-script" and shutil.which("Rscript") is None:
            print(f"\n{STORIES[story]}: left out, R is not installed here")
            continue
        began = time.perf_counter()
        report = skyloom("run", str(ROOT / story / "graph.yaml"))
        counts = tell(story, report, time.perf_counter() - began)
        reused, nodes = reused + counts[0], nodes + counts[1]
        last = list(report["nodes"])[-1]
        if story in ("expressions", "feature-ranking"):
            show_result(report, last)
    print(f"\n{reused} of {nodes} nodes were reused" + (": nothing had changed." if reused == nodes else "."))
    print(f"Images are in {PLACE / 'images'}")
    home = f"SKYLOOM_HOME={PLACE / 'home'}"
    print("Try next:")
    print("  make demo                                   again: every unchanged node is reused")
    print(f"  {home} {VENV}/skyloom runs list")
    print(f"  {home} {VENV}/skyloom run examples/feature-ranking/graph.yaml --param best=3")
    print(f"  {home} {VENV}/skyloom doctor")


VENV = (
    Path(sys.executable).parent.relative_to(ROOT.parent)
    if ROOT.parent in Path(sys.executable).parents
    else ""
)

if __name__ == "__main__":
    main()
