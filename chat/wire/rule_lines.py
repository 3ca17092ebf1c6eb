"""The words of the legacy port for lines that change who may speak in a room, or join it."""

SLOW = "slow "  # and the seconds
SENTENCES = {
    "not_slow": "has ended slow mode.",
    "locked": "has locked the room: only moderators speak.",
    "unlocked": "has unlocked the room.",
    "by_request": "lets moderators decide who may join.",
    "not_by_request": "lets people join without asking.",
}


def sentence(text: str) -> str | None:
    """Return what stands behind the name in a `rules` line with a text; None for other texts."""
    if text.startswith(SLOW):
        return f"has set slow mode: one message in {seconds(text.removeprefix(SLOW))}."
    return SENTENCES.get(text)


def seconds(number: object) -> str:
    """Return a number of seconds in words."""
    return "1 second" if str(number) == "1" else f"{number} seconds"
