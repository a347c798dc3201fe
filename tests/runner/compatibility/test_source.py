"""Text of Python 2 becomes text of Python 3, line by line; text of today stays as it is."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.runner.compatibility.python2_values import Python2Values
from skyloom.runner.compatibility.source import decode, modernise

MODERN = '''"""A script of today."""
import pandas as pd
import numpy as np


def azureml_main(dataframe1: pd.DataFrame, dataframe2=None):
    table = dataframe1.assign(total=lambda f: f["a"] + f["b"])
    counts = {"a": {"b": 1}}
    counts["a"]["c"] = 2
    table.loc[table["a"] > 1, "b"] = 0
    print("rows", len(table), sep=": ")
    try:
        import cPickle as pickle
    except ImportError:
        import pickle
    try:
        unicode
    except NameError:
        unicode = str
    for name, value in sorted(counts.items(), key=lambda pair: pair[0]):
        print(f"{name} {value!r}")
    matrix = table.to_numpy()
    return table,
'''

CONVERSIONS = {
    "print 'a', b": "print( 'a', b)",
    "print; print 'a'": "print(); print( 'a')",
    "print('a')": "print('a')",
    "print >>out, 'a',": "print( 'a', file=out, end=\" \")",
    "exec code in space": "exec( code , space)",
    "raise ValueError, 'no'": "raise ValueError( 'no')",
    "raise E, v, tb": "raise E( v).with_traceback( tb)",
    "x = `a` + `b`": "x = repr(a) + repr(b)",
    "if a <> b: print 1": "if a != b: print( 1)",
    "os.chmod(p, 0644)": "os.chmod(p, 0o644)",
    "n = 10L * 0xFFL": "n = 10 * 0xFF",
    r"s = ur'\d'": r"s = r'\d'",
    r"s = 'C:\Users'; print s": r"s = 'C:\\Users'; print( s)",
    "f = lambda (k, v): v; print f": "f = lambda k_v_ : (lambda k, v: v)(*k_v_); print( f)",
    "y = [x for x in 1, 2]": "y = [x for x in (1, 2)]",
    "def f(a, (b, c)): return b": "def f(a, b_c_ ): (b, c) = b_c_; return b",
    "async = 1; print async": "async_ = 1; print( async_)",
}


def told(source: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for notice in modernise(source, "script.py").notices:
        found.setdefault(notice.line, []).append(notice.shim.old)
    return found


@pytest.mark.parametrize("old", CONVERSIONS)
def test_statement_of_python_2_is_converted(old: str) -> None:
    squeezed = [" ".join(text.split()) for text in (modernise(old, "s.py").text, CONVERSIONS[old])]
    assert squeezed[0] == squeezed[1]


def test_script_of_today_is_the_same_object_and_tells_nothing() -> None:
    modern = modernise(MODERN, "script.py")
    assert modern.text is MODERN
    assert modern.notices == ()


def test_names_of_python_2_are_changed_in_text_that_python_3_can_read() -> None:
    script = "for i in xrange(3):\n    if d.has_key(i) and isinstance(i, (int, long)):\n        pass\n"
    modern = modernise(script, "script.py")
    assert "range(3)" in modern.text and "(int, int)" in modern.text
    assert told(script) == {1: ["xrange"], 2: ["long", ".has_key"]} or told(script)[2] == [".has_key", "long"]


def test_name_that_the_script_defines_itself_is_its_own() -> None:
    script = "def reduce(values): return values\nunicode = str\nreduce([unicode(1)])\n"
    assert modernise(script, "script.py").text is script


def test_text_that_is_neither_is_given_back_for_its_own_error() -> None:
    script = "print 'a'\ndef broken(:\n"
    assert modernise(script, "script.py").text is script


def test_except_clause_that_unpacks_keeps_its_line() -> None:
    script = "try:\n    f()\nexcept E, (a, b):\n    print a\n"
    text = modernise(script, "script.py").text
    assert text.splitlines()[2] == "except E as  a_b_ :"
    assert text.splitlines()[3].strip().startswith("(a,b) = a_b_.args; print(")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end: str) -> None:
    text = modernise(end.join(["x = 1", "print x", "print 'two'", ""]), "script.py").text
    assert [type(node).__name__ for node in ast.parse(text).body] == ["Assign", "Expr", "Expr"]
    assert [node.lineno for node in ast.parse(text).body] == [1, 2, 3]


def test_declared_and_undeclared_encodings_are_read() -> None:
    assert decode("# coding: latin-1\nx = 'é'".encode("latin-1")).endswith("'é'")
    assert decode("x = 'é'".encode()) == "x = 'é'"
    assert decode("x = 'é'".encode("latin-1")) == "x = 'é'"
    assert decode(b"\xef\xbb\xbfprint 1") == "print 1"


def test_division_of_whole_numbers_is_noticed_and_not_changed() -> None:
    assert told("print 7 / 2\nx = a / 2\n") == {1: ["the print statement", "whole / whole rounding down"]}
    assert "7 / 2" in modernise("print 7 / 2", "script.py").text
    assert told("from __future__ import division\nprint 7 / 2\n") == {2: ["the print statement"]}


WORDS = st.sampled_from(
    ["x", "'a'", "1L", "0777", "`x`", "x <> 1", "(1, 2)", "u'é'", "lambda (a, b): a", "[i for i in 1, 2]"]
)
SIMPLE = st.one_of(
    st.lists(WORDS, max_size=3).map(lambda words: "print " + ", ".join(words)),
    WORDS.map(lambda word: "print >>out, " + word),
    WORDS.map(lambda word: "raise ValueError, " + word),
    WORDS.map(lambda word: "exec 'pass' in " + word),
    WORDS.map(lambda word: "y = " + word),
)


@given(
    st.lists(
        st.tuples(SIMPLE, st.sampled_from(["", "if x:\n    ", "try: pass\nexcept E, e: ", "# note\n"])),
        max_size=8,
    )
)
def test_conversion_keeps_every_line_and_compiles(parts: list[tuple[str, str]]) -> None:
    script = "".join(before + statement + "\n" for statement, before in parts)
    text = modernise(script, "script.py").text
    compile(text, "script.py", "exec")
    assert text.count("\n") == script.count("\n")
    assert [line for line in script.split("\n") if line == "# note"] == [
        line for line in text.split("\n") if line == "# note"
    ]


def test_dict_view_becomes_a_list_and_an_index_does_not() -> None:
    index = object()
    assert Python2Values.listed({"a": 1}.keys()) == ["a"]
    assert Python2Values.listed(index) is index


def test_translate_deletes_before_it_maps() -> None:
    assert Python2Values.translate("a.b!", str.maketrans("ab", "xy"), ".!") == "xy"
    assert Python2Values.translate("a.b", None, ".") == "ab"
    assert Python2Values.translate(b"a.b", None, b".") == b"ab"
