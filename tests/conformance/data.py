"""Bytes as scenarios and transcripts write them.

The data of a step is text, {"hex": ..}, {"repeat": data, "times": n} or a list of these. In text,
a byte that is not UTF-8 is a lone surrogate. Long received data is kept as its length, its digest
and both ends.
"""

import hashlib

LONG = 4096  # bytes
END_LENGTH = 48  # bytes


def to_bytes(data):
    """Return the bytes of the data of a step."""
    match data:
        case str():
            return data.encode("utf-8", "surrogateescape")
        case list():
            return b"".join(map(to_bytes, data))
        case {"hex": digits}:
            return bytes.fromhex(digits)
        case {"repeat": part, "times": times}:
            return to_bytes(part) * times
    raise ValueError(f"this is no data of a step: {data!r}")


def to_text(data):
    """Return received bytes in the form of a transcript."""
    if len(data) <= LONG:
        return data.decode("utf-8", "surrogateescape")
    return {
        "len": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "head": data[:END_LENGTH].decode("latin-1"),
        "tail": data[-END_LENGTH:].decode("latin-1"),
    }
