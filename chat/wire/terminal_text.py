"""The form of a message at a terminal: the lines of its text, and a line for each of its files."""

from typing import Any

from chat.wire.interface import LogLine

GONE = "deleted"


class Addresses:
    """The address of the site, which stands before those of files. Empty where it is not known."""

    site = ""


def parts(line: LogLine) -> list[str]:
    """Return what is shown of a message, in lines. A message without text and files is empty."""
    files = [_file(file) for file in line.files or ()]
    return files if files and not line.text else [*line.text.split("\n"), *files]


def _file(file: dict[str, Any]) -> str:
    """Return a file in brackets. Names have neither line ends nor brackets."""
    size = f"{file['width']}x{file['height']}" if "width" in file else _bytes(file["size"])
    address = f"{Addresses.site}{file['url']}" if "url" in file else GONE
    return f"[{file['name']} {size} {address}]"


def _bytes(size: int) -> str:
    """Return a number of bytes as people read it."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
