"""U-SQL, the language of Data Lake Analytics, carried out on DuckDB. Source: sdk.md 12, AdlaStep.

From text to result: ``source.py`` (placeholders), ``tokens.py``, ``parse_*.py`` (to what ``syntax.py`` has),
``check_*.py`` (types, names, and the SQL of each part), ``machine.py`` (DuckDB). ``call.py`` has the entry,
``members.py`` the C# members.
"""
