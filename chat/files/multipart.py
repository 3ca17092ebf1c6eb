"""Reads forms with files, as browsers without JavaScript send them (RFC 7578).

The parts of such a form can name charsets, which may be any codec of Python, and some of them need
minutes. Browsers name none and send UTF-8, so here nothing else is understood.
"""

import mmap
import re
from typing import IO, NamedTuple

# The content type of a form with files, as the head of a request has it.
CONTENT_TYPE = re.compile(
    r"multipart/form-data;\s*boundary=\"?([\w'()+,./:=?-]{1,70})\"?", re.ASCII
)
MOST_PARTS = 40
MOST_HEAD = 4096  # bytes of the headers of a part
NAME = re.compile(rb';\s*name="([^"]*)"')
FILE_NAME = re.compile(rb';\s*filename="([^"]*)"')
# The forms in which browsers write characters that cannot stand between quotation marks.
ESCAPES = {"%22": '"', "%0D": " ", "%0A": " "}


class BadForm(Exception):
    """A body that is no form."""


class Field(NamedTuple):
    """A field of a form; `file_name` is None for one that is no file."""

    name: str
    file_name: str | None
    content: bytes


def boundary_of(content_type: str) -> str | None:
    """Return what separates the parts of a form; None if a content type is that of no such form."""
    found = CONTENT_TYPE.fullmatch(content_type.strip())
    return found[1] if found else None


def read(body: IO[bytes], boundary: str) -> list[Field]:
    """Return the fields of a form, of which a file has the whole body. Raises `BadForm`."""
    separator = b"--" + boundary.encode()
    try:
        data = mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # it is empty
        raise BadForm from None
    with data:
        return [_field(data, *part) for part in _parts(data, separator)]


def _parts(data, separator):
    """Yield the places of the parts: the begin of their headers, and the end of their content."""
    if data[: len(separator)] != separator:
        raise BadForm
    begin = len(separator)
    for _ in range(MOST_PARTS):
        if data[begin : begin + 2] == b"--":
            return
        end = data.find(b"\r\n" + separator, begin)
        if data[begin : begin + 2] != b"\r\n" or end < 0:
            raise BadForm
        yield begin + 2, end
        begin = end + 2 + len(separator)
    raise BadForm


def _field(data, begin, end):
    head_end = data.find(b"\r\n\r\n", begin, min(end, begin + MOST_HEAD))
    if head_end < 0:
        raise BadForm
    head = data[begin:head_end]
    name, file_name = NAME.search(head), FILE_NAME.search(head)
    if name is None:
        raise BadForm
    return Field(_text(name[1]), file_name and _text(file_name[1]), data[head_end + 4 : end])


def _text(value):
    text = value.decode(errors="replace")
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text
