#!/usr/bin/env bash
# Puts uv and every locked package into the virtual environment named on the command line.
set -euo pipefail
venv=$1

python=""
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Skyloom needs Python 3.11 or newer: install it (Debian, Ubuntu: apt install python3 python3-venv)." >&2
    exit 1
fi

# Debian and Ubuntu ship Python without the part that makes virtual environments.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Installing python$version-venv, which this Python lacks."
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if ! { $as_root apt-get update -q && $as_root apt-get install -y -q "python$version-venv"; }; then
        echo "That did not work. Run 'sudo apt install python$version-venv', then make again." >&2
        exit 1
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
[ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install -q uv
export UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=$venv
"$venv/bin/uv" pip sync -q --python "$venv/bin/python" requirements.lock
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps -e . -e compat/azureml

# Start-up is mostly importing, and boxes cannot write what they compile: compile once here rather than at
# everybody's first command. Left out: tests, and what no box loads, which is half of it.
no_box='azure|botocore|databricks|google|graphql|hypothesis|mypyc?|pip|pkg_resources|playwright|ray|schemathesis|setuptools'
"$venv/bin/python" -m compileall -qq -j 0 -x "/tests?/|site-packages/($no_box)/" "$venv/lib" src || true
