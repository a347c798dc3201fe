"""Importing this fails where the real azureml-core is installed: two packages may not own one namespace.

Source: sdk.md 2, last line.
"""

from __future__ import annotations

import os
import sys

CODE = "P191"
_MARK = "azureml_core-"


def find_real_sdk(folders: list[str]) -> str:
    """Path of the real package's metadata; empty when it is not installed."""
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith(_MARK) and name.endswith((".dist-info", ".egg-info")):
                return os.path.join(folder, name)
    return ""


def refuse_real_sdk(folders: list[str]) -> None:
    """Refuse to go on beside the real package.

    Raises
    ------
    ImportError
        P191.
    """
    found = find_real_sdk(folders)
    if found:
        raise ImportError(
            f"{CODE}: skyloom-azureml cannot be used beside the real azureml-core ({found}), because both "
            "own the name 'azureml'. Uninstall azureml-core and its companions, or use another environment."
        )


refuse_real_sdk(sys.path)
