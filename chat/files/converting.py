"""Runs the program that makes images safe, a few at a time and beside the chat."""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple

# It is not imported, because the site itself needs no decoder of images.
PROGRAM = Path(__file__).with_name("images.py")
# The first bytes of images of its types.
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF")

AT_ONCE = 2  # images in one server process
WAIT_FOR_TURN = 20  # seconds
TIMEOUT = 40  # seconds for one image
turns = BoundedSemaphore(AT_ONCE)

BUSY = "busy"
# The reasons for which an image is not accepted, as the program names them, and their texts.
PROBLEMS = {
    "damaged": "This image is damaged, or too complex.",
    "too_many_pixels": "This image has too many pixels (50 million at most).",
    "too_many_frames": "This animation is too long or too large.",
    BUSY: "Too many images are being prepared. Try again in a moment.",
}


class NotConverted(Exception):
    """An image that is not accepted; `code` is one of `PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Converted(NamedTuple):
    """A safe image and its thumbnail, as files."""

    image: Path
    thumbnail: Path
    type: str
    width: int
    height: int


def is_image(path: Path) -> bool:
    """Return whether a file is an image that can be shown, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith(SIGNATURES)


def convert(source: Path, folder: Path) -> Converted:
    """Write a safe form of an image into a folder. Blocks for a moment. Raises `NotConverted`."""
    if not turns.acquire(timeout=WAIT_FOR_TURN):
        raise NotConverted(BUSY)
    try:
        done = run_program(source, folder)
    finally:
        turns.release()
    if "problem" in done:
        raise NotConverted(done["problem"])
    return Converted(folder / "image", folder / "thumbnail", **done)


def run_program(source, folder):
    """Run the program, and return its answer. Damaged input can end it without one."""
    # Isolated, so that neither the environment nor the folder of the site has an effect on it.
    command = [sys.executable, "-I", str(PROGRAM), str(source), str(folder)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=True
        )
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"problem": "damaged"}
