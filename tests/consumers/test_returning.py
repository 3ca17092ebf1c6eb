"""Web members who lose their connection, return within the grace period, and leave.

The grace period does not end here, however long the machine takes.
"""

from uuid import uuid4

import pytest

from chat.live import timing
from chat.room import log
from tests.support.text_clients import on_site, play
from tests.support.web_clients import WebClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def long_grace(monkeypatch):
    monkeypatch.setattr(timing, "GRACE", 3600)


def lines_of(lobby, name):
    return [line.kind for line in log.after(lobby.pk, 0, 1000) if line.name == name]


def test_logging_out_after_a_reload_leaves_at_once(lobby, alice):
    async def journey():
        page = WebClient(alice)
        await page.enter()
        await page.leave()
        await page.enter()
        assert await on_site(lines_of, lobby, "alice") == ["entered"]
        await page.ask("bye", type="logout")
        assert await on_site(lines_of, lobby, "alice") == ["entered", "left"]

    play(journey)


def test_a_member_who_returns_in_time_is_not_announced(lobby, alice, bob):
    async def journey():
        ann, ben = WebClient(alice), WebClient(bob)
        await ann.enter()
        await ben.enter()
        await ben.leave()
        await ann.ask("lines", type="say", text="missed", client_id=str(uuid4()))
        await ann.ask("people", type="look")  # it is handled after the message
        welcome = await ben.enter()
        assert welcome["lines"][-1]["text"] == "missed"
        assert await on_site(lines_of, lobby, "bob") == ["entered"]
        await ben.leave()
        await ann.leave()

    play(journey)
