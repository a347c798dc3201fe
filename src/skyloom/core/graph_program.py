"""The program form of a graph: Python that builds the same document with ``skyloom.sdk.graph`` and runs it.

Everything of the document becomes a literal, so that no name, comment or script of it can become code.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from skyloom.core.graph_file import REF
from skyloom.core.identity import Json

_HEAD = '''"""A graph of Skyloom as a program: it builds the graph and runs it.

Modules of which nothing changed are not run again: their earlier results are taken over.
"""

from skyloom.sdk.graph import Graph{more}
'''
_TAIL = """
if __name__ == "__main__":
    run = graph.submit({values})
    run.wait_for_completion()
"""
_NOTHING: Mapping[str, Json] = {}
_TAKEN = {"graph", "run", "Graph", "link", "print"}
_WIDTH = 100
_FIELDS = ("version", "title", "environment", "compute", "reuse", "disabled", "comment", "position")


def program_of(document: Mapping[str, Json], values: Mapping[str, Json] = _NOTHING) -> str:
    """The program of a graph in its file form (graph_document.py), ready to be saved as a ``.py`` file.

    ``values`` are those of the graph's parameters that it is to be run with.

    Nodes stand behind those that feed them; where a draft has a loop, links name their source by its text.
    """
    given = f"parameters={_literal(dict(values))}" if values else ""
    return _Writer(document).text() + _TAIL.replace("{values}", given)


@dataclass
class _Writer:
    document: Mapping[str, Json]
    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # node -> its variable, once it is written
    parameters: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: set(_TAKEN))
    has_links: bool = False

    def text(self) -> str:
        nodes = _mapping(self.document.get("nodes"))
        head = {"name": self.document.get("name", ""), "summary": self.document.get("summary", "")}
        given = [_literal(head["name"])] if head["name"] else []
        self._call(
            "graph = Graph", [*given, *_named({"summary": head["summary"]} if head["summary"] else {})]
        )
        for name, body in _mapping(self.document.get("parameters")).items():
            self._parameter(name, body)
        for label, spec in _mapping(self.document.get("modules")).items():
            self._call("graph.define", [_literal(label), _literal(spec)])
        for node in _ordered(nodes):
            self._node(node, _mapping(nodes[node]), nodes)
        for name, body in _mapping(self.document.get("inputs")).items():
            whole = body if isinstance(body, dict) else {"targets": body}
            targets = whole.get("targets")
            texts = targets if isinstance(targets, list) else [targets]
            given = [_literal(name), *(self._source(text, nodes, True) for text in texts)]
            if "type" in whole:
                given.append(f"type={_literal(whole['type'])}")
            self._call("graph.input", given)
        for name, source in _mapping(self.document.get("outputs")).items():
            self._call("graph.output", [_literal(name), self._source(source, nodes)])
        more = ", link" if self.has_links else ""
        return _HEAD.replace("{more}", more) + "\n" + "\n".join(self.lines) + "\n"

    def _parameter(self, name: str, body: Json) -> None:
        self.parameters[name] = variable = self._variable(name)
        given = [_literal(name)]
        if not isinstance(body, dict):
            given.append(f"default={_literal(body)}")
        else:
            given += [_literal(body.get("type", "string"))] if "type" in body else []
            given += _named({key: value for key, value in body.items() if key != "type"})
        self._call(f"{variable} = graph.parameter", given)

    def _node(self, node: str, body: Mapping[str, Json], nodes: Mapping[str, Json]) -> None:
        variable = self._variable(node)
        self.lines.append("")
        given: list[str] = []
        if "module" in body:
            verb = "module"
            given.append(_literal(body["module"]))
            given.append(f"id={_literal(node)}")
            values = _mapping(body.get("parameters"))
            if values:
                shown = {name: self._value(variable, name, value) for name, value in values.items()}
                given.append(f"parameters={_dict(shown)}")
            inputs = _mapping(body.get("inputs"))
            if inputs:
                shown = {port: self._source(source, nodes) for port, source in inputs.items()}
                given.append(f"inputs={_dict(shown)}")
            if body.get("outputs"):
                given.append(f"outputs={_literal(body['outputs'])}")
            if body.get("after"):
                after = body["after"] if isinstance(body["after"], list) else [body["after"]]
                given.append(f"after=[{', '.join(self._source(one, nodes) for one in after)}]")
        elif "reference" in body:
            verb = "reference"
            place = _mapping(body["reference"])
            given += [_literal(place.get("datastore", "")), _literal(place.get("path", ""))]
            given.append(f"id={_literal(node)}")
        else:
            verb = "dataset"
            dataset = body.get("dataset")
            whole = dataset if isinstance(dataset, dict) else {"name": dataset}
            given += [_literal(whole.get("name", "")), f"id={_literal(node)}"]
            if "version" in whole:
                given.append(f"version={_literal(whole['version'])}")
            if isinstance(dataset, dict) and "version" not in whole:
                given.append("version=0")
        if "type" in body and verb != "module":
            given.append(f"type={_literal(body['type'])}")
        given += [
            f"{key}={_literal(body[key])}"
            for key in _FIELDS
            if key in body and (verb == "module" or key != "version")
        ]
        self._call(f"{variable} = graph.{verb}", given)
        self.names[node] = variable

    def _value(self, variable: str, name: str, value: Json) -> str:
        """A parameter's value; a text of several lines gets a line of its own before the node."""
        if isinstance(value, dict) and set(value) == {REF} and value[REF] in self.parameters:
            return self.parameters[str(value[REF])]
        if isinstance(value, str) and "\n" in value:
            script = self._variable(f"{variable}_{name if name not in _SCRIPTS else 'script'}")
            self.lines.append(f"{script} = {_block(value)}")
            return script
        return _literal(value)

    def _source(self, source: Json, nodes: Mapping[str, Json], needs_port: bool = False) -> str:
        """Where a link begins: ``node``, ``node["port"]`` or, not written yet, its text."""
        if isinstance(source, list):
            return f"[{', '.join(self._source(one, nodes) for one in source)}]"
        if isinstance(source, dict):
            self.has_links = True
            rest = {key: value for key, value in source.items() if key != "from"}
            return f"link({', '.join([self._source(source.get('from'), nodes), *_named(rest)])})"
        text = str(source)
        node, port = _split(text, nodes, needs_port)
        if node not in self.names:
            return _literal(text)
        return self.names[node] if port is None else f"{self.names[node]}[{_literal(port)}]"

    def _variable(self, wish: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "_", wish.lower()).strip("_")
        if not plain or plain[0].isdigit():
            plain = f"node_{plain}".rstrip("_")
        if keyword.iskeyword(plain):
            plain += "_"
        name, number = plain, 2
        while name in self.taken:
            name, number = f"{plain}_{number}", number + 1
        self.taken.add(name)
        return name

    def _call(self, lead: str, given: Sequence[str]) -> None:
        line = f"{lead}({', '.join(given)})"
        if len(line) <= _WIDTH and "\n" not in line:
            self.lines.append(line)
        else:
            self.lines += [f"{lead}(", *(f"    {_indented(one)}," for one in given), ")"]


_SCRIPTS = ("Python Script", "R Script", "SQL Query Script")


def _ordered(nodes: Mapping[str, Json]) -> Iterator[str]:
    """Nodes behind those that feed them, in the order of the file where nothing else decides."""
    waiting = {node: _feeding(_mapping(body), nodes) - {node} for node, body in nodes.items()}
    while waiting:
        ready = next((node for node, before in waiting.items() if not before & waiting.keys()), None)
        node = next(iter(waiting)) if ready is None else ready  # a loop: begin with its first
        del waiting[node]
        yield node


def _feeding(body: Mapping[str, Json], nodes: Mapping[str, Json]) -> set[str]:
    after = body.get("after") or []
    texts = [str(one) for one in (after if isinstance(after, list) else [after])]
    for source in _mapping(body.get("inputs")).values():
        for one in source if isinstance(source, list) else [source]:
            texts.append(str(one.get("from") if isinstance(one, dict) else one))
    return {_split(text, nodes, False)[0] for text in texts}


def _split(text: str, nodes: Mapping[str, Json], needs_port: bool) -> tuple[str, str | None]:
    """The rule of ``graph_file``: the longest id that fits wins."""
    if text in nodes and not needs_port:
        return text, None
    dots = [place for place, letter in enumerate(text) if letter == "."]
    for dot in reversed(dots):
        if text[:dot] in nodes:
            return text[:dot], text[dot + 1 :]
    return text, None


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _named(fields: Mapping[str, Json]) -> list[str]:
    """Arguments by name, whatever the names are."""
    plain = {key: value for key, value in fields.items() if key.isidentifier() and not keyword.iskeyword(key)}
    rest = {key: value for key, value in fields.items() if key not in plain}
    named = [f"{key}={_literal(value)}" for key, value in plain.items()]
    return [*named, f"**{_literal(rest)}"] if rest else named


def _dict(items: Mapping[str, str]) -> str:
    """A dict whose values are code already."""
    parts = [f"{_literal(key)}: {value}" for key, value in items.items()]
    line = f"{{{', '.join(parts)}}}"
    return line if len(line) < _WIDTH - 20 else "{\n" + "".join(f"    {part},\n" for part in parts) + "}"


def _literal(value: Json) -> str:
    """JSON as Python; ``repr`` of plain values reads back to the same, lone surrogates included."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(str(key))}: {_literal(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str):
        text = _escaped(value).replace('"', '\\"')
        return f'"{text}"'
    return repr(value)


def _block(text: str) -> str:
    """A text of several lines as it is, between triple quotes."""
    lines = [_escaped(line).replace('"""', '\\"\\"\\"') for line in text.split("\n")]
    if lines[-1].endswith('"'):
        lines[-1] = lines[-1][:-1] + '\\"'
    body = "\n".join(lines)
    return f'"""\\\n{body}"""'


def _escaped(text: str) -> str:
    """What must be escaped between double quotes, the quotes themselves left alone."""
    return "".join(
        "\\\\" if letter == "\\" else letter if letter.isprintable() else repr(letter)[1:-1]
        for letter in text
    )


def _indented(code: str) -> str:
    """Code of several lines below its first; texts of several lines stand elsewhere."""
    return code.replace("\n", "\n    ")
