"""A step's own SparkSession on the cluster's SparkContext: temporary views and settings are its own."""

from __future__ import annotations

import sys
from typing import Any, Mapping


def open_session(step: str, conf: Mapping[str, str]) -> Any:
    """The SparkSession that the step finds as ``spark`` and by ``SparkSession.builder.getOrCreate()``.

    Parameters
    ----------
    step
        The group that its Spark jobs belong to.
    conf
        Settings of the session.

    Raises
    ------
    ValueError
        A setting cannot be changed on a running cluster.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    gateway = launch_gateway()
    gateway.gateway_parameters.auto_field = True
    java = gateway.jvm
    shared = java.org.apache.spark.SparkContext.getOrCreate()
    told = SparkConf(loadDefaults=False, _jvm=java, _jconf=shared.conf())
    context = SparkContext(gateway=gateway, conf=told, jsc=java.JavaSparkContext(shared))
    context.setLocalProperty("spark.jobGroup.id", step)
    context.setLocalProperty("spark.job.interruptOnCancel", "true")
    session = SparkSession(context).newSession()
    SparkSession._instantiatedSession = session
    for key, value in conf.items():
        if not session.conf.isModifiable(key):
            raise ValueError(f"'{key}' is a setting of the cluster; it cannot be changed while one runs.")
        session.conf.set(key, value)
    _outlive_stop(SparkContext, SparkSession)
    return session


def _outlive_stop(context_class: Any, session_class: Any) -> None:
    """``spark.stop()``, with which many scripts end, must not stop the cluster under other steps."""

    def stop(_: Any) -> None:
        print("Notice: the cluster stays up; stop() ends what this step has of it.", file=sys.stderr)

    context_class.stop = stop
    session_class.stop = stop
