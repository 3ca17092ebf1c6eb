"""WebSocket framing (RFC 6455) of text that many connections receive, and the joining of writes."""

from collections.abc import Sequence

TEXT_FRAME = 0x81  # the first byte of a text frame that is the whole message: FIN, opcode 1
JOINED = 16 * 1024  # bytes that are joined into one write, at most
LENGTH_IN_16_BITS, LENGTH_IN_64_BITS = 126, 127  # values of the length byte (RFC 6455, 5.2)


def text_frame(payload: bytes) -> bytes:
    """Return UTF-8 text as one unmasked frame, the way a server sends it."""
    length = len(payload)
    if length < LENGTH_IN_16_BITS:
        header = bytes((TEXT_FRAME, length))
    elif length < 1 << 16:
        header = bytes((TEXT_FRAME, LENGTH_IN_16_BITS)) + length.to_bytes(2, "big")
    else:
        header = bytes((TEXT_FRAME, LENGTH_IN_64_BITS)) + length.to_bytes(8, "big")
    return header + payload


def joined(parts: Sequence[bytes]) -> Sequence[bytes]:
    """Return parts as what is written: one piece if they are short, and themselves otherwise.

    A write of one piece takes less time than `writelines`. Long parts are written one by one, until
    the client takes no more.
    """
    if len(parts) < 2 or sum(map(len, parts)) > JOINED:
        return parts
    return (b"".join(parts),)
