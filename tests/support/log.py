"""Write lines into the log of a room without servers."""

from datetime import timedelta

from django.utils import timezone

from chat.models import Message, Room
from chat.room import transcript
from chat.room.transcript import Saying


def say(room, stay, *texts):
    """Say texts, one after the other, on the connection of `stay`."""
    transcript.say(room.pk, [Saying(stay.connection_id, text) for text in texts])


def write_log(room, count):
    """Write `count` lines of alice and bob, one a minute, the last one now; every fourth enters."""
    now, last_seq = timezone.now(), room.last_seq
    Message.objects.bulk_create(
        Message(
            room=room,
            seq=last_seq + n,
            kind="said" if n % 4 else "entered",
            name="alice" if n % 2 else "bob",
            text=f"line {n}" if n % 4 else "",
            at=now - timedelta(minutes=count - n),
        )
        for n in range(1, count + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=last_seq + count)
