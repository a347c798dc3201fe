"""Places are named as the user knows them."""

from __future__ import annotations

from pathlib import Path

from skyloom.runner.compatibility.session import Session
from skyloom.runner.compatibility.shim import Shim

SHIM = Shim("old", "lib 1.0", "new", "does new")


def test_script_is_told_by_line_and_bundle_by_file_and_line(tmp_path: Path) -> None:
    notices: list[str] = []
    session = Session(str(tmp_path), notices.append)
    session.add_script("user_script.py")
    session.tell(SHIM, str(tmp_path / "user_script.py"), 3)
    session.tell(SHIM, "./Script Bundle/a.py", 4)
    session.tell(SHIM, str(tmp_path / "Script Bundle" / "a.py"), 4)
    assert notices == [
        "line 3: old was removed in lib 1.0; write new",
        "Script Bundle/a.py line 4: old was removed in lib 1.0; write new",
    ]


def test_files_below_the_folder_are_the_users_and_others_are_not(tmp_path: Path) -> None:
    session = Session(str(tmp_path), print)
    assert session.is_user_file(str(tmp_path / "x.py"))
    assert session.is_user_file("./Script Bundle/y.py")
    assert not session.is_user_file(str(tmp_path) + "2/x.py")
    assert not session.is_user_file("/usr/lib/python3/os.py")
    assert not session.is_user_file("<string>")
