"""The addresses of files on the site."""

import re
from urllib.parse import quote

FILES = "/files/"
THUMBNAIL = "thumbnail"  # no file has this name
# The address to which the files of a room are sent.
UPLOADS = re.compile(r"/r/[-\w]+/files/", re.ASCII)


def file_url(upload_id: str, name: str) -> str:
    """Return the address of a file."""
    return f"{FILES}{upload_id}/{quote(name, safe='')}"


def thumbnail_url(upload_id: str) -> str:
    """Return the address of the thumbnail of an image."""
    return file_url(upload_id, THUMBNAIL)


def is_upload(method: str, path: str) -> bool:
    """Return whether a request sends files."""
    return method == "POST" and UPLOADS.fullmatch(path) is not None
