"""The skeleton of a text, by which Unicode's TR39 finds texts that look alike."""

import unicodedata
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_suffix(".txt")


def skeleton(text: str) -> str:
    """Return the skeleton of `text`: texts that are easily confused have the same skeleton.

    It is for comparing only, and is never shown. Case matters: I and l look alike, i and l do not.
    Source: UTS #39, section 4, "Confusable Detection"; equal to ICU's `SpoofChecker`.
    """
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_prototypes()))


@cache
def _prototypes() -> dict[int, str]:
    """Return {code point: the text that it looks like}. The table is read at the first use."""
    lines = TABLE.read_text(encoding="ascii").splitlines()
    rows = (line.split(":") for line in lines if line and not line.startswith("#"))
    return {
        int(source, 16): "".join(chr(int(point, 16)) for point in prototype.split())
        for prototype, sources in rows
        for source in sources.split()
    }
