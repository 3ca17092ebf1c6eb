"""The answers of the legacy port to the words of moderation. chat/wire/README.md describes them."""

from chat.wire.rule_lines import seconds

NOT_SLOW = b"There is no slow mode any more \n"
LOCKED = b"Only moderators speak there now \n"
UNLOCKED = b"Everybody may speak there again \n"

PLACES = {"mute": ("on the site", "in"), "kick": ("from the site", "from")}
PLACES["ban"] = PLACES["kick"]
DONE = {"mute": "Muted", "kick": "Kicked", "ban": "Banned"}
UNDONE = {"unmute": "may speak again", "unban": "may come back"}


def done(word: str, name: str, room: str | None, how_long: str | None) -> bytes:
    """Return the answer to `mute`, `kick` or `ban`.

    `room` is the label of the room, None for the whole site, and `how_long` None for good.
    """
    site, preposition = PLACES[word]
    place = site if room is None else f"{preposition} {room}"
    end = "for good" if how_long is None else f"for {how_long}"
    return f"{DONE[word]} {name} {place} {end} \n".encode()


def undone(word: str, name: str) -> bytes:
    """Return the answer to `unmute` or `unban`."""
    return f"{name} {UNDONE[word]} \n".encode()


def purged(name: str, count: int) -> bytes:
    """Return the answer to `purge`."""
    if not count:
        return f"There are no messages of {name} to remove \n".encode()
    again = "unpurge restores them within 10 minutes"
    return f"Removed {_messages(count)} of {name}, {again} \n".encode()


def restored(count: int) -> bytes:
    """Return the answer to `unpurge`."""
    return f"Restored {_messages(count)} \n".encode()


def _messages(count):
    return "1 message" if count == 1 else f"{count} messages"


def slow(number: int) -> bytes:
    """Return the answer to `slow`."""
    return f"Slow mode: one message in {seconds(number)} \n".encode() if number else NOT_SLOW
