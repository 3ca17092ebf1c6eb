"""Frames of clients of the WebSocket, and the errors that answer them."""

import json

import pytest

from chat.wire.client_frames import parse
from chat.wire.frame_fields import BadFrame

ID = "6f1c1a0e-0d3b-4b7e-9f57-0c6a2b1d9e11"


def say(text, client_id=ID):
    """Return the text of a `say` frame."""
    return json.dumps({"type": "say", "text": text, "client_id": client_id})


def error_code(text):
    """Return the code of the error that answers a frame."""
    with pytest.raises(BadFrame) as raised:
        parse(text)
    return raised.value.code
