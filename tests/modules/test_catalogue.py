from __future__ import annotations

import ast
import importlib
import importlib.util
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from skyloom.core.data_type import BUILT_IN_TYPES
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.parameter import Parameter, value_faults
from skyloom.core.serialize import from_json, spec_digest, to_json
from skyloom.modules import catalogue
from skyloom.modules.catalogue import INTERNAL, ModuleCatalogue, load_catalogue

CATALOGUE = load_catalogue()
EVERY = pytest.mark.parametrize("spec", CATALOGUE.specs, ids=lambda spec: spec.name)
JOIN_FAMILY = "124865f7e9014656adacf4cb08248099"


def _name(spec: ModuleSpec | None) -> str | None:
    return spec.name if spec else None


@EVERY
def test_every_function_entry_leads_to_a_function(spec: ModuleSpec) -> None:
    if isinstance(spec.entry, FunctionEntry):
        module, _, function = spec.entry.target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
        assert spec == importlib.import_module(module).SPEC


@EVERY
def test_every_definition_is_whole(spec: ModuleSpec) -> None:
    names = [parameter.name for parameter in spec.parameters]
    assert len(set(names)) == len(names)
    assert spec.doc and spec.version and spec.category and spec.outputs
    assert {port.type for port in spec.outputs} <= set(BUILT_IN_TYPES)
    assert {kind for port in spec.inputs for kind in port.accepts} <= set(BUILT_IN_TYPES)


@EVERY
def test_every_parameter_is_told_and_has_a_default_that_suits(spec: ModuleSpec) -> None:
    for parameter in spec.parameters:
        assert parameter.doc, parameter.name
        assert not parameter.required or parameter.default is None
        if not parameter.required:
            assert not list(value_faults(parameter, parameter.default)), parameter.name


@EVERY
def test_every_branch_hangs_on_an_earlier_parameter_and_a_value_it_can_have(spec: ModuleSpec) -> None:
    earlier: dict[str, Parameter] = {}
    for parameter in spec.parameters:
        if parameter.shown_when:
            parent = earlier[parameter.shown_when[0]]
            for value in parameter.shown_when[1]:
                assert value == parent.default or not list(value_faults(parent, value)), parameter.name
        earlier[parameter.name] = parameter


@EVERY
def test_every_definition_survives_the_way_through_json(spec: ModuleSpec) -> None:
    assert from_json(ModuleSpec, to_json(spec)) == spec
    assert spec_digest(from_json(ModuleSpec, to_json(spec))) == spec_digest(spec)


@pytest.mark.parametrize(
    "name",
    [
        "Join Data",
        "Join",
        "join  DATA",
        "JOIN",
        JOIN_FAMILY,
        "124865f7-e901-4656-adac-f4cb08248099",
        f"506153734175476c4f62416c57734963.{JOIN_FAMILY}.v1-default-1751",
    ],
)
def test_a_module_is_found_by_name_older_name_family_and_regardless_of_case(name: str) -> None:
    assert _name(CATALOGUE.find(name)) == "Join Data"


@pytest.mark.parametrize(
    ("older", "name"),
    [
        ("Project Columns", "Select Columns in Dataset"),
        ("Metadata Editor", "Edit Metadata"),
        ("Missing Values Scrubber", "Clean Missing Data"),
        ("Split", "Split Data"),
        ("Reader", "Import Data"),
    ],
)
def test_older_display_names_lead_to_todays_modules(older: str, name: str) -> None:
    assert _name(CATALOGUE.find(older)) == name


@pytest.mark.parametrize("name", ["Jion Data", "", "506153734175476c4f62416c57734963", "a.b.c"])
def test_what_is_no_module_is_not_found(name: str) -> None:
    assert CATALOGUE.find(name) is None


def test_a_version_is_found_exactly_or_not_at_all() -> None:
    assert _name(CATALOGUE.find("Join Data", "v2.0")) == "Join Data"
    assert CATALOGUE.find("Join Data", "v1.0") is None


def test_the_newest_of_several_versions_is_taken() -> None:
    entry = FunctionEntry("package:run")
    versions = [ModuleSpec("Same", version, "Mine", entry) for version in ("v2.0", "v10.0", "v9.1")]
    several = ModuleCatalogue(tuple(versions))
    found, older = several.find("Same"), several.find("same", "v9.1")
    assert found is not None and found.version == "v10.0"
    assert older is not None and older.version == "v9.1"
    assert several.names() == ["Same"]


def test_internal_modules_are_found_but_not_shown() -> None:
    for name in ("Read File", "Export Table", "Profile Table"):
        spec = CATALOGUE.find(name)
        assert spec is not None and spec.category == INTERNAL
        assert name not in CATALOGUE.names()
    assert all(spec.category != INTERNAL for spec in CATALOGUE.all())


def test_reading_the_palette_loads_neither_pandas_nor_numpy() -> None:
    code = (
        "import sys; from skyloom.modules.catalogue import load_catalogue; load_catalogue();"
        "print({'pandas', 'numpy', 'pyarrow', 'sklearn', 'lightgbm', 'scipy'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_module_files_import_nothing_heavy_at_the_top() -> None:
    for path in Path(catalogue.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "\nSPEC = " in source:
            tops = [node for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))]
            names = {getattr(node, "module", None) or "" for node in tops}
            # what modules share with each other is held light by the test above
            light = ("skyloom.core", "skyloom.modules")
            heavy = {name for name in names if name.startswith("skyloom") and not name.startswith(light)}
            assert not heavy, path


# --- installed packages -----------------------------------------------------------------------------


def _install(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: str) -> ModuleCatalogue:
    """A catalogue with entry points to new top-level packages of the given text."""
    points = []
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        points.append(EntryPoint(name, name, catalogue.ENTRY_POINTS))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(catalogue, "entry_points", lambda group: points)
    return load_catalogue()


HEAD = """
from skyloom.core.module import *
from skyloom.core.parameter import *
def run(inputs, values): return {}
"""


def test_an_installed_module_joins_the_palette(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = _install(
        monkeypatch,
        tmp_path,
        skyloom_test_good=HEAD
        + "SPEC = ModuleSpec('Mine', 'v1.0', 'My modules', FunctionEntry('skyloom_test_good:run'))",
    )
    assert _name(found.find("mine")) == "Mine"
    assert "Mine" in found.names()
    assert found.problems == ()


@pytest.mark.parametrize("fault", ["raise RuntimeError('boom')", "import not_there", "exit(3)", "def ("])
def test_a_package_that_does_not_load_is_told_of_and_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    name = f"skyloom_test_broken_{abs(hash(fault))}"
    found = _install(monkeypatch, tmp_path, **{name: fault})
    assert [problem.code for problem in found.problems] == ["D080"]
    assert name in found.problems[0].message
    assert found.specs == CATALOGUE.specs


@pytest.mark.parametrize("name", ["Join Data", "join data", "Reader"])
def test_an_installed_module_cannot_take_the_name_of_a_built_in_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    package = f"skyloom_test_shadow_{abs(hash(name))}"
    text = f"{HEAD}SPEC = ModuleSpec({name!r}, 'v9.0', 'My modules', FunctionEntry('{package}:run'))"
    found = _install(monkeypatch, tmp_path, **{package: text})
    assert [problem.code for problem in found.problems] == ["D081"]
    assert found.specs == CATALOGUE.specs


@pytest.mark.parametrize(
    "definition",
    [
        "ModuleSpec('Mine', 'v1.0', 'M', FunctionEntry('os:system'))",
        "ModuleSpec('Mine', 'v1.0', 'M', ScriptEntry('python'))",
        "ModuleSpec('Mine', 'v1.0', 'M', FunctionEntry('{0}:run'), outputs=(OutputPort('a', 'Sound'),))",
        "ModuleSpec('Mine', 'v1.0', 'M', FunctionEntry('{0}:run'), inputs=(InputPort('a'), InputPort('a')))",
        "ModuleSpec('M', '', '', FunctionEntry('{0}:run'), (), (), (Parameter('a', shown_when=('b', ())),))",
        "'not a definition'",
    ],
)
def test_an_unusable_definition_is_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, definition: str
) -> None:
    package = f"skyloom_test_unusable_{abs(hash(definition))}"
    found = _install(monkeypatch, tmp_path, **{package: f"{HEAD}SPEC = {definition.format(package)}"})
    assert [problem.code for problem in found.problems] == ["D082"]
    assert found.specs == CATALOGUE.specs
