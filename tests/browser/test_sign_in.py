"""The door: a word that works once, a cookie that no script reads, a session that ends."""

from __future__ import annotations

from playwright.sync_api import Browser

from .studio import Studio
from .visitor import Visitor, visiting


def test_the_printed_address_signs_in_once(stranger: Visitor, studio: Studio, browser: Browser) -> None:
    printed = studio.sign_in_address()
    stranger.page.goto(printed)
    stranger.page.wait_for_url(f"{studio.address}/")
    assert "once_" not in stranger.page.evaluate("location.href + document.referrer")
    cookie = stranger.page.context.cookies()[0]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("__Host-skyloom", True, "Strict")
    assert stranger.page.evaluate("document.cookie") == ""
    with visiting(browser, studio.address) as second:
        second.expected.append("401")
        second.page.goto(printed)
        second.sees("This address signed somebody in already")
        assert second.page.context.cookies() == []


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(stranger: Visitor, studio: Studio) -> None:
    stranger.expected.append("401")
    stranger.goes("/runs")
    stranger.page.wait_for_url(f"{studio.address}/signin*")
    stranger.page.get_by_label("Token").fill(studio.skyloom("token", "show").out.strip())
    stranger.page.get_by_role("button", name="Sign in").click()
    stranger.page.wait_for_url(f"{studio.address}/runs")
    stranger.sees("Runs")
    assert stranger.page.evaluate("fetch('/session').then((reply) => reply.status)") == 200


def test_a_session_that_was_ended_opens_nothing_even_with_its_old_cookie(
    stranger: Visitor, studio: Studio
) -> None:
    visitor = stranger  # a session of its own: the one that the other stories share lives on
    visitor.page.goto(studio.sign_in_address())
    visitor.page.wait_for_url(f"{studio.address}/")
    visitor.expected.append("401")
    cookies = visitor.page.context.cookies()
    ended = visitor.page.evaluate(
        """async () => {
          const { csrf } = await (await fetch("/session")).json();
          const reply = await fetch("/session", { method: "DELETE", headers: { "X-Skyloom-CSRF": csrf } });
          return reply.status;
        }"""
    )
    assert ended == 200
    assert visitor.page.context.cookies() == []
    visitor.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert visitor.page.evaluate("fetch('/api/v1/runs').then((reply) => reply.status)") == 401


def test_the_cookie_alone_changes_nothing(visitor: Visitor) -> None:
    visitor.expected.append("403")
    asked = "fetch('/api/v1/stop', { method: 'POST' }).then((reply) => reply.status)"
    assert visitor.page.evaluate(asked) == 403
