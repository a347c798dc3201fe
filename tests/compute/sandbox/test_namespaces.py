from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import os, sys
from skyloom.compute.sandbox import kernel, namespaces
uid = int(sys.argv[1])
if os.geteuid() != uid:
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
own = os.geteuid(), os.getegid()
try:
    namespaces.leave(namespaces.USER)
except OSError as error:
    print("skip", error)
    raise SystemExit
namespaces.map_identity(*own)
print(os.geteuid(), os.getegid())
"""


@pytest.mark.real("sandbox")
@pytest.mark.parametrize("uid", [1000, 65534])
def test_ordinary_user_keeps_its_name_in_a_new_user_namespace(uid: int) -> None:
    command = [sys.executable, "-c", _CODE, str(uid)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if result.stdout.startswith("skip") or "setresgid" in result.stderr:
        pytest.skip(result.stdout or "only root can try other users")
    assert result.stdout.split() == [str(uid), str(uid)], result.stderr
