"""Hypothesis strategies for classic exports: any modules, links, pickers, positions and unknown fields."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter
from skyloom.modules.catalogue import load_catalogue
from tests.strategies import encodable
from tests.studio.classic_files import FAMILIES, ClassicFile, selector

CATALOGUE = load_catalogue()
PALETTE = [spec for spec in CATALOGUE.all() if spec.family]
texts = st.text(encodable, max_size=12)
names = st.text("abzÄ019", min_size=1, max_size=6)
scripts = st.sampled_from(["a,b\r\n1,2\t \r\n", "select * from t1;\r\n", "<-é\u2028", ""])
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
_OURS = {"graph", "experimentgraph", "webservice", "description", "summary", "modulenodes"}
unknown_fields = st.dictionaries(
    texts.filter(lambda key: key.casefold() not in _OURS), json_values, max_size=3
)


@st.composite
def values(draw: Any, parameter: Parameter) -> str | None:
    """Text that stands for a value of a parameter: fitting, mostly."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.none(), texts))  # type: ignore[no-any-return]
    match parameter.type:
        case "int":
            return str(draw(st.integers(0, 100)))
        case "float":
            return repr(draw(st.floats(0, 1)))
        case "bool":
            return draw(st.sampled_from(["True", "False", "true", "false"]))  # type: ignore[no-any-return]
        case "choice":
            return draw(st.sampled_from(parameter.choices))  # type: ignore[no-any-return]
        case "columns":
            picked = draw(st.lists(texts, min_size=1, max_size=3))
            return selector(*picked, encoded=draw(st.booleans()), ui=draw(st.booleans()))
        case "script":
            return draw(scripts)  # type: ignore[no-any-return]
        case _:
            return draw(texts)  # type: ignore[no-any-return]


@st.composite
def classic_files(draw: Any) -> ClassicFile:
    file = ClassicFile(draw(texts), draw(st.sampled_from(["'", '"'])), more=draw(unknown_fields))
    nodes = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    made: list[str] = []  # ports that give something
    for node in nodes:
        spec: ModuleSpec | None = draw(st.sampled_from([*PALETTE, None]))
        kind = spec.family if spec else FAMILIES["unknown"]
        given = {p.name: draw(values(p)) for p in (spec.parameters if spec else ()) if draw(st.booleans())}
        linked = {name: draw(names) for name in given if draw(st.integers(0, 8)) == 0}
        inputs = tuple(p.name for p in spec.inputs) if spec else ("In", "Other")
        outputs = tuple(p.name for p in spec.outputs) if spec else ("Out",)
        file.module(node, kind, given, inputs, outputs, draw(texts), linked, draw(st.integers(0, 2000)))
        file.modules[-1] |= draw(unknown_fields.map(_not_of_a_node))
        for port in inputs:
            what = draw(st.sampled_from(["nothing", "link", "dataset", "transform"]))
            if what == "link" and made:
                file.link(draw(st.sampled_from(made)), f"{node}:{port}")
            elif what == "dataset":
                file.asset(node, port, draw(st.sampled_from(["ws.data.1", "ws.other.2"])))
            elif what == "transform":
                file.asset(node, port, "ws.transform.1", "TransformModuleId")
            if draw(st.integers(0, 5)) == 0:
                file.inputs.append({"Id": "in", "PortId": f"{node}:{port}", "Name": draw(names)})
        made += [f"{node}:{port}" for port in outputs]
    for port in draw(st.lists(st.sampled_from(made or ["nobody:Out"]), max_size=2)):
        file.outputs.append({"Id": "out", "PortId": port, "Name": draw(names)})
    for name in draw(st.lists(names, max_size=2, unique=True)):
        file.parameters.append(
            {"Name": name, "Value": draw(texts), **draw(unknown_fields.map(_not_of_a_node))}
        )
    return file


def _not_of_a_node(fields: dict[str, Any]) -> dict[str, Any]:
    return {f"X-{json.dumps(key)}": value for key, value in fields.items()}
