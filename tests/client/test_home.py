from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.client.home import LONGEST_SOCKET_PATH, AgentPlace, workspace_home
from skyloom.core.problem import ProblemError


def test_without_any_setting_the_workspace_is_in_the_users_data_folder() -> None:
    assert workspace_home({"HOME": "/home/ada"}) == "/home/ada/.local/share/skyloom"


def test_a_relative_data_folder_is_ignored() -> None:
    assert workspace_home({"HOME": "/home/ada", "XDG_DATA_HOME": "data"}) == "/home/ada/.local/share/skyloom"


def test_a_relative_home_becomes_absolute() -> None:
    assert workspace_home({"SKYLOOM_HOME": "here"}) == os.path.join(os.getcwd(), "here")


@given(st.lists(st.sampled_from(["a", "lang" * 10, "für", "x y"]), min_size=1, max_size=40).map("/".join))
def test_socket_path_always_fits_an_address(folder: str) -> None:
    place = AgentPlace(f"/srv/{folder}")
    assert len(os.fsencode(place.socket_path)) <= LONGEST_SOCKET_PATH
    assert place.socket_path == AgentPlace(f"/srv/{folder}").socket_path


def test_two_long_homes_have_two_sockets() -> None:
    assert AgentPlace("/srv/" + "a" * 120).socket_path != AgentPlace("/srv/" + "b" * 120).socket_path


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    place = AgentPlace(str(tmp_path / "home"))
    place.make_folders()
    assert os.stat(place.folder).st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemError) as caught:
        AgentPlace(str(tmp_path / "file")).make_folders()
    assert caught.value.problem.code == "A005"
    assert "SKYLOOM_HOME" in caught.value.problem.fix


def test_a_file_in_place_of_the_socket_is_refused(tmp_path: Path) -> None:
    place = AgentPlace(str(tmp_path))
    place.make_folders()
    Path(place.socket_path).write_text("")
    with pytest.raises(ProblemError) as caught:
        place.check_socket()
    assert caught.value.problem.code == "A003"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a socket to somebody else")
def test_a_socket_of_somebody_else_is_refused(tmp_path: Path) -> None:
    place = AgentPlace(str(tmp_path))
    place.make_folders()
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(place.socket_path)
    os.chown(place.socket_path, 65534, 65534)
    with pytest.raises(ProblemError) as caught:
        place.check_socket()
    assert caught.value.problem.code == "A003"
