"""Steps of the unmodified azureml 0.2.7 that publish functions and call them, under CPython 2.7.

Words: address, workspace, token.
"""

from __future__ import print_function

import json
import sys
import traceback
import warnings

warnings.simplefilter("ignore")

import pandas
from azureml import services

ADDRESS, WORKSPACE, TOKEN = sys.argv[1:4]
KEPT = {}


def step(name):
    def carry_out(function):
        try:
            function()
            print(json.dumps({"step": name, "ok": True}))
        except Exception as error:
            said = "%s: %s\n%s" % (type(error).__name__, error, traceback.format_exc())
            print(json.dumps({"step": name, "ok": False, "said": said}))
        sys.stdout.flush()
        return function

    return carry_out


@step("publish a typed function and call it")
def _():
    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    @services.types(a=float, b=float)
    @services.returns(float)
    def plus(a, b):
        return a + b

    KEPT["plus"] = plus
    assert plus.service(1.5, 2) == 3.5, plus.service(1.5, 2)
    assert plus.service.help_url.endswith("/score")
    assert len(plus.service.api_key) == 88


@step("many rows in one call")
def _():
    assert KEPT["plus"].service.map([1.0, 2.0], [10.0, 20.0]) == [11.0, 22.0]


@step("call by address and key")
def _():
    service = KEPT["plus"].service

    @services.service(service.url, service.api_key)
    @services.types(a=float, b=float)
    @services.returns(float)
    def far(a, b):
        pass

    assert far(2.0, 3.0) == 5.0


@step("untyped arguments travel as Python's own")
def _():
    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    def shape(value):
        return [type(value).__name__, value]

    found = shape.service({"a": [1, 2, None, (3.5, "x")]})
    assert found == ["dict", {"a": [1, 2, None, (3.5, "x")]}], found


@step("several results")
def _():
    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    @services.types(a=int)
    @services.returns((int, bool))
    def halves(a):
        return a // 2, a % 2 == 0

    assert halves.service(7) == (3, False), halves.service(7)


@step("an exception arrives with its traceback")
def _():
    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    @services.types(a=int)
    @services.returns(int)
    def broken(a):
        return {}["nothing"]

    try:
        broken.service(1)
    except RuntimeError as error:
        assert "KeyError" in str(error), error
        return
    raise AssertionError("no error")


@step("published again under the same id")
def _():
    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    @services.service_id("1234567890abcdef1234567890abcdef")
    @services.types(a=int)
    @services.returns(int)
    def first(a):
        return a + 1

    @services.publish(WORKSPACE, TOKEN, endpoint=ADDRESS)
    @services.service_id("1234567890abcdef1234567890abcdef")
    @services.types(a=int)
    @services.returns(int)
    def second(a):
        return a + 2

    assert first.service.url == second.service.url
    assert first.service(5) == second.service(5) == 7
