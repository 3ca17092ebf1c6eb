"""A WebSocket is told of the rooms that it does not have open."""

import json

import pytest

from chat.consumers.room_notices import RoomNotices
from chat.live.room_listener import Activity
from tests.support.fake_log import line

pytestmark = pytest.mark.same_on_every_database

LOBBY, GARDEN = 1, 2


class FakeRooms:
    """The rooms of a connection that has none open, and its outbox."""

    def __init__(self):
        self.followers = {}
        self.sent = []
        self.keys = []

    def make_outbox(self):
        return self

    def put(self, key, event):
        self.sent.append(event)
        self.keys.append(key)


def test_a_formatted_message_is_encoded_once_for_all_who_have_the_same_counts():
    message = line(7)._replace(
        spans=[[0, 4, "bold"]], reactions={"👍": ["ann"]}, files=[{"name": "a.txt"}]
    )
    activity = Activity(GARDEN, last=7, unread=3, mentions=1, line=message)
    connections = [FakeRooms(), FakeRooms()]
    for rooms in connections:
        notices = RoomNotices(rooms, LOBBY)
        notices.welcome()
        notices.become_aware()
        notices.active(activity)
    (first,), (second,) = (rooms.sent for rooms in connections)
    assert first is second
    frame = json.loads(first["text"])
    assert (frame["type"], frame["unread"], frame["mentions"]) == ("activity", 3, 1)
    assert frame["line"]["spans"] == [[0, 4, "bold"]]


def test_a_later_message_does_not_take_the_place_of_a_mention_that_waits_for_a_slow_client():
    rooms = FakeRooms()
    notices = RoomNotices(rooms, LOBBY)
    notices.welcome()
    notices.become_aware()
    for is_mention in (True, False, False):
        notices.active(Activity(GARDEN, 7, 3, 1, line(7), is_mention))
    mention, later, latest = rooms.keys
    assert mention != later == latest
