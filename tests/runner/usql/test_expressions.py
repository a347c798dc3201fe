"""What C# says about values, held by the translation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.runner.usql.conftest import ROW, Ran

SEMANTICS = {
    # whole numbers
    "7 / 2": "3",
    "-7 / 2": "-3",
    "-7 % 2": "-1",
    "7 / 2d": "3.5",
    "7m / 2": "3.5",
    "(byte) 200 + (byte) 100": "300",
    "1 + 2 * 3": "7",
    "0x1F & 7": "7",
    "(int) 2.9": "2",
    "(int) -2.9": "-2",
    "(long) a * 10000000000": "70000000000",
    "a / 0": "U042",
    "2147483647 + a": "U042",
    "Int32.MaxValue": "2147483647",
    "a + 1.5m": "8.5",
    "1.5m + 1.5": "U012",
    # null
    "n == null": "True",
    "n != null": "False",
    "n == n": "True",
    "n > 1": "False",
    "!(n > 1)": "True",
    "n + 1": "null",
    "n ?? 3": "3",
    "a ?? 3": "U012",
    "n.HasValue": "False",
    "n.Value": "U042",
    "n.GetValueOrDefault()": "0",
    "(int) n": "U042",
    'z + "x"': "x",
    "z == null": "True",
    "z.Length": "U042",
    "z != null && z.Length > 2": "False",
    "z == null || z.Length > 2": "True",
    "z == null ? -1 : z.Length": "-1",
    "n ? 1 : 2": "U012",
    "(bool?) null == true": "False",
    # text
    "s[0]": "L",
    "s[4]": "U042",
    "s == \"liam\"": "False",
    's.Equals("LIAM", StringComparison.OrdinalIgnoreCase)': "True",
    's < "M"': "U012",
    "s + a + n + true": "Liam7True",
    "'a' + 1": "98",
    "(char) 66": "B",
    "(int) 'A'": "65",
    "s[0] == 'L'": "True",
    "s.Substring(1)": "iam",
    "s.Substring(1, 9)": "U042",
    's.IndexOf("am")': "2",
    's.IndexOf("x")': "-1",
    "s.ToUpper().Substring(0, 2).PadLeft(4, '-')": "--LI",
    '"  x ".Trim() + "."': "x.",
    r'"a\tb".Length': "3",
    r'@"a\tb".Length': "4",
    '@"say ""hi"""': 'say "hi"',
    "string.IsNullOrWhiteSpace(\"  \")": "True",
    "\"1,2;3\".Split(',', ';').Length": "3",
    "\"a b\".Split(' ')[1]": "b",
    "\"a,,b\".Split(new char[]{','}, StringSplitOptions.RemoveEmptyEntries).Length": "2",
    'String.Join("-", "a,b".Split(\',\').Select(x => x.ToUpper()))': "A-B",
    'string.Format("{0}/{1:yyyy}/{2:F1}", s, d, 2.25)': "Liam/2020/2.3",
    'Regex.IsMatch(s, "^L.*m$")': "True",
    # moments
    "d.AddYears(1)": "2021-02-28T03:04:05.0000000",
    "d.AddDays(1).Month": "3",
    "d.DayOfWeek == DayOfWeek.Saturday": "True",
    "d.DayOfWeek.ToString()": "Saturday",
    'd.ToString("dd/MM/yyyy HH:mm:ss")': "29/02/2020 03:04:05",
    "(new DateTime(2020, 3, 1) - d).TotalDays > 0.8": "True",
    "(d - new DateTime(2020, 2, 28)).Days": "1",
    "new DateTime(2019, 2, 29)": "U042",
    'DateTime.Parse("2/15/2012 11:53:16 AM")': "2012-02-15T11:53:16.0000000",
    'DateTime.Parse("soon")': "U042",
    'DateTime.ParseExact("20200102", "yyyyMMdd", null)': "2020-01-02T00:00:00.0000000",
    # numbers as text, and back
    "1.0": "1",
    "0.1 + 0.2": "0.30000000000000004",
    "1e20": "1E+20",
    "0d / 0": "NaN",
    "1d / 0": "Infinity",
    "1.50m": "1.5",
    "Math.Round(2.5)": "2",
    "Math.Round(3.5)": "4",
    "Convert.ToInt32(2.5)": "2",
    'Convert.ToInt32("12")': "12",
    'int.Parse("1.5")': "U042",
    'Double.Parse("1.5")': "1.5",
    "a.ToString(\"D3\")": "007",
    "(12345.678).ToString(\"N1\")": "12,345.7",
    "a > 5 ? \"big\" : \"small\"": "big",
    "a IN (1, 7)": "True",
    "a BETWEEN 1 AND 6": "False",
    "a NOT IN (1)": "True",
    "CASE WHEN a > 5 THEN 1 END": "1",
    "Guid.Parse(\"00000000-0000-0000-0000-000000000001\")": "00000000-0000-0000-0000-000000000001",
    # what is refused
    "s ? 1 : 2": "U012",
    'a == "7"': "U012",
    "a = 7": "U002",
    "My.Code.Run(a)": "U005",
    "Helper(a)": "U005",
    "new My.Thing()": "U019",
    'typeof(int)': "U005",
    '$"{a}"': "U005",
    "s?.Length": "U005",
    "s.Where(x => true)": "U005",
    "sum(a)": "U003",
    "(string) a": "U013",
}  # fmt: skip


FORM = r"""Outputters.Text(delimiter: '\t', quoting: false, nullEscape: "null")"""
OUTPUT = f'OUTPUT @r TO "@@out@@/r.csv" USING {FORM};'
RUNTIME = "U042"
VALUES = {one: text for one, text in SEMANTICS.items() if not text.startswith("U0")}
REFUSED = {one: text for one, text in SEMANTICS.items() if text.startswith("U0") and text != RUNTIME}
RAISING = [one for one, text in SEMANTICS.items() if text == RUNTIME]


def test_expressions_give_what_csharp_gives(run_usql: Callable[..., Ran]) -> None:
    columns = ",\n".join(f"{one} AS x{place}" for place, one in enumerate(VALUES))
    ran = run_usql(f"@r = SELECT {columns} FROM {ROW};\n{OUTPUT}")
    assert ran.places == []
    assert dict(zip(VALUES, ran.text().removesuffix("\r\n").split("\t"), strict=True)) == VALUES


def test_expressions_that_csharp_refuses_are_refused(run_usql: Callable[..., Ran]) -> None:
    lines = "\n".join(f"@r{place} = SELECT {one} AS x FROM {ROW};" for place, one in enumerate(REFUSED))
    ran = run_usql(f"{lines}\n@r = SELECT a FROM {ROW};\n{OUTPUT}")
    found = {int(problem.where.split(":")[1]): problem.code for problem in ran.problems}
    assert (
        dict(zip(REFUSED, [found.get(line) for line in range(1, len(REFUSED) + 1)], strict=True)) == REFUSED
    )


@pytest.mark.parametrize("expression", RAISING)
def test_an_exception_of_csharp_ends_the_script(expression: str, run_usql: Callable[..., Ran]) -> None:
    ran = run_usql(f"@r = SELECT {expression} AS x FROM {ROW};\n{OUTPUT}")
    assert [problem.code for problem in ran.problems] == [RUNTIME]
