"""Files of people in rooms, for tests of the rules and of the pages."""

import io
from datetime import timedelta
from uuid import uuid4

from django.core.files.storage import storages

from chat.models import Upload
from chat.room import presence, receiving_files, transcript, uploads
from chat.room.presence import Entrant
from chat.room.transcript import Saying

DAY = timedelta(days=1)


def send_file(room, user, content=b"hello", name="notes.txt"):
    """Let somebody send a file to a room, and return its upload."""
    return receiving_files.receive(room.pk, user, name, io.BytesIO(content), len(content))


def seat_of(user, process):
    """Return the id of a connection of somebody."""
    (stay,) = presence.enter([Entrant(user.username, user.pk, process, "web")])
    return stay.connection_id


def say_files(room, seat, *files, text="", client_id=None):
    """Let a connection say files, and return the result."""
    ids = tuple(upload.pk for upload in files)
    saying = Saying(room.pk, seat, text, client_id or uuid4(), files=ids)
    (result,) = transcript.say([saying])
    return result


def present(upload):
    """Return the row of an upload as it is now; None if there is none."""
    return Upload.objects.filter(pk=upload.pk).first()


def stored(upload):
    """Return which of the contents of an upload are in the storage."""
    return [key for key in upload.keys if storages["uploads"].exists(key)]


def let_pass(upload, time):
    """Let an upload be older by some time."""
    row = present(upload)
    row.created -= time
    row.expires = row.expires and row.expires - time
    row.save()


def may_read(upload, user):
    """Return whether somebody may read a file at this moment."""
    return uploads.find(upload.pk, user.pk) is not None
