"""The names of files that people send."""

import re
import unicodedata
from collections.abc import Sequence

from chat.wire.characters import is_visible
from chat.wire.commands import UNSAFE

MAX_FILE_NAME = 100  # characters
MAX_EXTENSION = 12  # characters that are kept when a name is shortened
UNNAMED = "file"
RESERVED = "thumbnail"  # in addresses it means another file
# Characters that mean a folder or a drive, or that end the brackets around a name at a terminal.
SEPARATORS = re.compile(r"[/\\:\[\]<>|\"*?]")


def clean_file_name(name: str) -> str:
    """Return the name of a file as it is shown and offered for saving.

    It is one line without folders, and nothing in it reorders what stands around it. A name in
    which nothing is visible becomes "file". The end of the name, which says what it is, stays.
    """
    name = re.split(r"[/\\]", name)[-1]
    name = SEPARATORS.sub("_", UNSAFE.sub(" ", unicodedata.normalize("NFC", name)))
    name = " ".join(name.split()).strip(". ")
    if not is_visible(name):
        return UNNAMED
    if name == RESERVED:
        return f"{name}_"
    if len(name) <= MAX_FILE_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > MAX_EXTENSION:
        return name[:MAX_FILE_NAME]
    return f"{stem[: MAX_FILE_NAME - len(extension) - 1].strip()}.{extension}"


def with_extension(name: str, extensions: Sequence[str]) -> str:
    """Return a name that ends with one of the extensions; with the first if it has another end."""
    stem, dot, extension = name.rpartition(".")
    if dot and extension.lower() in extensions:
        return name
    return clean_file_name(f"{stem if dot else name}.{extensions[0]}")
