"""The Java machine of a cluster: started once, spoken to over py4j by every step's process."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from typing import Any, Dict, List, Mapping, Tuple

READY_WITHIN_S = 180.0
_CONNECTION = "connection"
# what Spark reaches into of Java's own packages, closed since Java 17 (Spark's documentation)
_OPENED = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar",
)  # fmt: skip
_FLAGS = (
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-Djava.net.preferIPv4Stack=true",
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
)
_GATEWAY = "org.apache.spark.api.python.PythonGatewayServer"
_NO_JAVA = "there is no Java, and Spark needs Java 17 (Debian: openjdk-17-jre-headless)"


class NoClusterError(Exception):
    """The cluster cannot be started, in words."""


class Jvm:
    """A running Java machine with Spark.

    ``port`` and ``secret`` are the gateway's; ``context`` is the cluster's one SparkContext.
    """

    def __init__(self, conf: Mapping[str, str], memory: str, folder: str) -> None:
        import pyspark  # of the cluster's environment, which alone has it

        self.home = os.path.dirname(os.path.abspath(pyspark.__file__))
        self.version = str(pyspark.__version__)
        self._folder = folder
        os.makedirs(folder, exist_ok=True)
        os.environ.update(SPARK_HOME=self.home, PYSPARK_PYTHON=sys.executable, PYSPARK_PIN_THREAD="true")
        self.process = self._started(memory)
        _load_libraries()  # while Java loads its own
        self.port, self.secret = self._connection()
        os.environ.update(PYSPARK_GATEWAY_PORT=str(self.port), PYSPARK_GATEWAY_SECRET=self.secret)
        self.gateway: Any = None
        self.context: Any = None
        self._make_context(conf)

    def cancel(self, group: str) -> None:
        """End the Spark jobs of a step."""
        self.context.sc().cancelJobGroup(group)

    def is_up(self) -> bool:
        """Whether the next step will find its context."""
        if self.process.poll() is not None:
            return False
        return not self.context.sc().isStopped()

    def _started(self, memory: str) -> "subprocess.Popen[bytes]":
        words: List[str] = ["java", f"-Xmx{memory}", *_FLAGS]
        words += [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED]
        words += [
            "-cp",
            os.path.join(self.home, "jars", "*"),
            "org.apache.spark.api.python.PythonGatewayServer",
        ]
        variables = {**os.environ, "_PYSPARK_DRIVER_CONN_INFO_PATH": os.path.join(self._folder, _CONNECTION)}
        try:
            # it ends when the line to its input is shut, so never without us
            return subprocess.Popen(words, stdin=subprocess.PIPE, env=variables, start_new_session=True)
        except OSError as error:
            raise NoClusterError(_NO_JAVA) from error

    def _connection(self) -> Tuple[int, str]:
        until = time.monotonic() + READY_WITHIN_S
        path = os.path.join(self._folder, _CONNECTION)
        while not os.path.exists(path):  # it is renamed to that when it is complete
            if self.process.poll() is not None:
                raise NoClusterError(
                    f"Java ended with code {self.process.returncode} while Spark was loaded."
                )
            if time.monotonic() > until:
                raise NoClusterError(f"Spark was not loaded within {READY_WITHIN_S:g} s.")
            time.sleep(0.02)
        with open(path, "rb") as file:
            content = file.read()
        os.unlink(path)
        port, length = struct.unpack_from(">ii", content)
        return port, content[8 : 8 + length].decode()

    def _make_context(self, conf: Mapping[str, str]) -> None:
        from pyspark.conf import SparkConf
        from pyspark.java_gateway import launch_gateway

        self.gateway = launch_gateway()  # joins the one that the variables name
        told = SparkConf(loadDefaults=False, _jvm=self.gateway.jvm)
        for key, value in conf.items():
            told.set(key, value)
        try:
            self.context = self.gateway.jvm.JavaSparkContext(told._jconf)
        except Exception as error:
            raise NoClusterError(f"Spark refuses its settings: {_reason(error)}") from error


def _load_libraries() -> None:
    """What nearly every step imports: its process, a fork, then has it from the first moment."""
    import pandas  # noqa: F401
    import pyspark.sql.functions  # noqa: F401


def conf_of(settings: Mapping[str, Any], work: str) -> Dict[str, str]:
    """A cluster's settings of Spark; what the user set goes before ours."""
    cores = max(1, int(settings.get("cores") or 1))
    ours = {
        "spark.app.name": settings.get("name") or "skyloom",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": os.path.join(work, ".spark"),
        "spark.master": f"local[{cores}]",
        "spark.rpc.io.mode": "NIO",  # netty's own poller asks for kinds of sockets that a box has not
        "spark.scheduler.mode": "FAIR",
        "spark.shuffle.io.mode": "NIO",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.warehouse.dir": os.path.join(work, "dbfs", "user", "hive", "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # dbfs:/ is the folder /dbfs
        "spark.hadoop.fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        "spark.hadoop.fs.viewfs.overload.scheme.target.dbfs.impl": "org.apache.hadoop.fs.LocalFileSystem",
        "spark.hadoop.fs.viewfs.mounttable.default.linkFallback": f"file://{settings['dbfs']}",
    }
    asked = {str(key): str(value) for key, value in dict(settings.get("conf") or {}).items()}
    return {**ours, **asked}


def _reason(error: Exception) -> str:
    cause = getattr(error, "java_exception", None)
    return str(cause.toString() if cause is not None else error).splitlines()[0][:500]
