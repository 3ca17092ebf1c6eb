"""Write lines into the log of a room without servers."""

from datetime import timedelta

from django.utils import timezone

from chat.models import Message, Room
from chat.room import transcript
from chat.room.transcript import Saying


def say(room, stay, *texts):
    """Say texts, one after the other, on the connection of `stay`."""
    transcript.say([Saying(room.pk, stay.connection_id, text) for text in texts])


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


def write_busy_log(room, count, messages_every):
    """Write `count` lines: messages "number 1" and so on, and between them bob, who comes and goes.

    One of `messages_every` lines, an odd number, is a message.
    """
    begin = timezone.now() - timedelta(seconds=count + 60)

    def row(n):
        number, place = divmod(n, messages_every)
        line = Message(room=room, seq=room.last_seq + n, at=begin + timedelta(seconds=n))
        if place == 0:
            line.kind, line.name, line.text = "said", "alice", f"number {number}"
        elif place % 2:
            line.kind, line.name = "entered", "bob"
        else:
            line.kind, line.name, line.of = "left", "bob", line.seq - 1
        return line

    Message.objects.bulk_create(map(row, range(1, count + 1)), batch_size=2_000)
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + count)
