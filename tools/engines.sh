#!/usr/bin/env bash
# Spark for the tests: its environment is built once a machine, outside of the project. Nothing where Java is missing.
set -u
cd "$(dirname "$0")/.."
command -v java >/dev/null || { echo "No Java here; not installed: pyspark"; exit 0; }
.venv/bin/python -m tests.spark || true
exit 0
