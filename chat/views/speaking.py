"""Saying something from a page, for people whose browser has no JavaScript."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest

from chat.live import process
from chat.live.flood_limits import FloodLimits
from chat.live.member import CloseReason
from chat.models import Connection
from chat.room.newcomers import Held
from chat.wire import frames
from chat.wire.commands import Say
from chat.wire.interface import Event


class TooFast(Exception):
    """A flood limit holds."""


def say(request: HttpRequest, command: Say) -> bool:
    """Say something as the person who sends a request. Returns whether it waits for a moderator.

    They enter the site for it like everybody who speaks, and leave soon after unless they are there
    with another connection. Raises `TooFast`, `Refused`, `Unavailable`, and `Stopping` when the
    process stops.
    """
    said = async_to_sync(_say)(
        request.user, request.session.session_key, request.META.get("REMOTE_ADDR") or "", command
    )
    return isinstance(said, Held)


async def _say(user, session_key, address, command):
    server = await process.current()
    check_flood(server.flood_limits, user.pk, address, command.text)
    member = await server.members.enter(
        user.username,
        user_id=user.pk,
        door=Connection.Door.WEB,
        wire=frames,
        send=_send,
        close=_close,
        session_key=session_key,
        address=address,
    )
    member.follow(member.follower.cursor)
    try:
        return await member.say(command)
    finally:
        await server.members.linger(member)


def check_flood(limits: FloodLimits, user_id: int, address: str, text: str) -> None:
    """Count a message of a page like one of a connection. Raises `TooFast` if it had to wait."""
    allowance = limits.connection((address, 0) if address else None)
    limits.identify(allowance, user_id)
    size = len(text.encode())
    if allowance.take(1, size):
        allowance.give_back(1, size)
        raise TooFast


async def _send(event: Event) -> None:
    """Drop a line: the page that follows shows it."""


def _close(reason: CloseReason) -> None:
    """Do nothing: the connection ends with the request."""
