"""The delay of answers that refuse an attempt."""

import asyncio

import pytest

from chat.servers import refusal_delay
from chat.servers.refusal_delay import DELAY, RefusalDelay

pytestmark = pytest.mark.same_on_every_database

BODY = [
    {"type": "http.response.body", "body": b"one", "more_body": True},
    {"type": "http.response.body", "body": b"two"},
]


def play(status, monkeypatch):
    """Answer a request with a status; return what happened, in its order."""
    happened = []

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        for message in BODY:
            await send(message)
        happened.append("end of the page")

    async def send(message):
        happened.append(message.get("status") or message["body"])

    async def sleep(seconds):
        happened.append(seconds)

    monkeypatch.setattr(refusal_delay.asyncio, "sleep", sleep)
    asyncio.run(RefusalDelay(application)({"type": "http"}, None, send))
    return happened


def test_a_refusal_is_sent_later_when_the_page_has_ended(monkeypatch):
    assert play(429, monkeypatch) == ["end of the page", DELAY, 429, b"one", b"two"]


@pytest.mark.parametrize("status", [200, 302, 403, 503])
def test_other_answers_are_sent_at_once(monkeypatch, status):
    assert play(status, monkeypatch) == [status, b"one", b"two", "end of the page"]
