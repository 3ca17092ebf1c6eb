"""The check that every file that a message names is there."""

from collections.abc import Iterator
from itertools import islice

from chat.files import storage
from chat.models import Message, Upload
from chatsite.findings import MOST_ROWS

AT_ONCE = 500  # messages whose files are looked up together


def find_missing() -> Iterator[str]:
    """Yield a sentence for each message whose files are missing, as many as one check may have."""
    yield from islice(_missing(), MOST_ROWS)


def _missing():
    with_files = Message.objects.filter(files__isnull=False, removed=False).order_by("pk")
    messages = with_files.values_list("room_id", "seq", "files").iterator(AT_ONCE)
    while some := list(islice(messages, AT_ONCE)):
        ids = [file["id"] for _, _, files in some for file in files]
        uploads = Upload.objects.in_bulk(ids)
        for room_id, seq, files in some:
            for file in files:
                upload = uploads.get(file["id"])
                if "url" in file and (reason := _problem(upload, room_id, seq)):
                    yield f"the file {file['id']} of line {seq} of room {room_id} {reason}"


def _problem(upload, room_id, seq):
    if upload is None or (upload.room_id, upload.seq) != (room_id, seq):
        return "belongs to no such line"
    keys = upload.keys if upload.is_image else [upload.key]
    if not all(map(storage.current().exists, keys)):
        return "is missing from the storage"
    return None
