"""Files, folders, temporary files, databases and archives work in the working folder.

status = "completed"
probe = "worked"
"""

import fcntl
import os
import shelve
import shutil
import sqlite3
import tempfile
import zipfile
from pathlib import Path

from probes import Probes


def write_archive():
    with zipfile.ZipFile("archive.zip", "w") as archive:
        archive.writestr("a", "b")


def use_database():
    with sqlite3.connect("data.db") as database:
        database.execute("create table t (a)")
        database.execute("insert into t values (1)")


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    probes.works("write", lambda: Path("a.txt").write_text("text"))
    probes.works("folders", lambda: Path("b/c/d").mkdir(parents=True))
    probes.works("rename", lambda: os.replace("a.txt", "b/a.txt"))
    probes.works("temporary file", lambda: tempfile.NamedTemporaryFile().write(b"x"))
    probes.works("temporary folder", lambda: os.listdir(tempfile.mkdtemp()))
    probes.works("home", lambda: Path("~/.settings").expanduser().write_text("x"))
    probes.works("database", use_database)
    probes.works("archive", write_archive)
    probes.works("shelf", lambda: shelve.open("shelf").update(a=1))
    probes.works("lock", lambda: fcntl.flock(open("b/a.txt"), fcntl.LOCK_EX))
    probes.works("copy", lambda: shutil.copytree("b", "e"))
    probes.works("link", lambda: os.symlink("b", "f"))
    probes.works("pipe", lambda: os.mkfifo("g"))
    return probes.table()
