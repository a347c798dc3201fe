"""A jar in the cluster's Java machine: main(args) of a class, on the SparkContext that is there."""

from __future__ import annotations

import os
import threading
from typing import Any, Sequence


def run_jar(spark: Any, jars: Sequence[str], main_class: str, words: Sequence[str], folder: str) -> None:
    """Call ``main``; what it prints goes to the step's stdout.

    Raises
    ------
    LookupError
        The class, or a main of its, is not in the jars.
    Exception
        What main threw, as py4j tells it.
    """
    java, gateway = spark._jvm, spark.sparkContext._gateway
    thread = java.java.lang.Thread.currentThread()
    before = thread.getContextClassLoader()
    loader = load_jars(spark, jars)
    pipe = os.path.join(folder, ".jar-output")
    os.mkfifo(pipe, 0o600)
    pump = threading.Thread(target=_pump, args=(pipe,), daemon=True)
    pump.start()
    system, usual_out, usual_err = java.java.lang.System, java.java.lang.System.out, java.java.lang.System.err
    stream = java.java.io.PrintStream(java.java.io.FileOutputStream(pipe), True)
    try:
        main = _main_of(java, gateway, loader, main_class)
        arguments = gateway.new_array(java.java.lang.String, len(words))
        for place, word in enumerate(words):
            arguments[place] = word
        system.setOut(stream)
        system.setErr(stream)
        given = gateway.new_array(java.java.lang.Object, 1)
        given[0] = arguments
        main.invoke(None, given)
    finally:
        system.setOut(usual_out)
        system.setErr(usual_err)
        stream.close()
        pump.join()
        thread.setContextClassLoader(before)
        os.unlink(pipe)


def load_jars(spark: Any, jars: Sequence[str]) -> Any:
    """Make the classes of jars known to Spark and to this step's thread in Java; their class loader."""
    java, gateway = spark._jvm, spark.sparkContext._gateway
    urls = gateway.new_array(java.java.net.URL, len(jars))
    for place, jar in enumerate(jars):
        spark.sparkContext._jsc.addJar(f"file://{jar}")
        urls[place] = java.java.net.URL(f"file://{jar}")
    thread = java.java.lang.Thread.currentThread()
    loader = java.org.apache.spark.util.MutableURLClassLoader(urls, thread.getContextClassLoader())
    thread.setContextClassLoader(loader)
    return loader


def _main_of(java: Any, gateway: Any, loader: Any, name: str) -> Any:
    kinds = gateway.new_array(java.java.lang.Class, 1)
    kinds[0] = gateway.new_array(java.java.lang.String, 0).getClass()
    try:
        return java.java.lang.Class.forName(name, True, loader).getMethod("main", kinds)
    except Exception as error:
        cause = getattr(error, "java_exception", None)
        told = str(cause.toString() if cause is not None else error)
        raise LookupError(f"The jars have no class '{name}' with a main: {told}") from None


def _pump(pipe: str) -> None:
    with open(pipe, "rb", buffering=0) as source:
        while True:
            piece = source.read(1 << 16)
            if not piece:
                return
            os.write(1, piece)
