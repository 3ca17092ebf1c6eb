"""The answers of the legacy port to the words of moderation. chat/wire/README.md describes them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chat.wire.commands import one_line
from chat.wire.rule_lines import seconds

REPORTED = b"Thank you, the moderators have your report \n"
NOTHING_WAITS = b"Nothing waits for you \n"
NO_ADDRESSES = b"No addresses are known \n"
MORE_WAIT = b"There are more, which follow when these are decided \n"
NOT_SLOW = b"There is no slow mode any more \n"
LOCKED = b"Only moderators speak there now \n"
UNLOCKED = b"Everybody may speak there again \n"

SHOWN = 400  # characters of a text
PLACES = {"mute": ("on the site", "in"), "kick": ("from the site", "from")}
PLACES["ban"] = PLACES["kick"]
DONE = {"mute": "Muted", "kick": "Kicked", "ban": "Banned"}
UNDONE = {"unmute": "may speak again", "unban": "may come back"}
REMAINING = {"unmute": ("mute", "muted"), "unban": ("ban", "banned")}
DECIDED = {
    "handle": "Handled",
    "dismiss": "Dismissed",
    "release": "Released",
    "refuse": "Refused",
    "admit": "Admitted",
    "decline": "Declined",
    "approve": "Approved",
    "reject": "Rejected",
}


class Waiting(NamedTuple):
    """Something that waits for a moderator, in a list. `room` is the label of its room, if any."""

    number: int
    at: datetime
    room: str
    name: str
    text: str = ""
    reporter: str = ""
    quoted: str = ""  # the message that a report is about


def done(word: str, name: str, room: str | None, how_long: str | None) -> bytes:
    """Return the answer to `mute`, `kick` or `ban`.

    `room` is the label of the room, None for the whole site, and `how_long` None for good.
    """
    end = "for good" if how_long is None else f"for {how_long}"
    return f"{DONE[word]} {name} {_place(word, room)} {end} \n".encode()


def undone(word: str, name: str, remaining: Sequence[str | None] = ()) -> bytes:
    """Return the answer to `unmute` or `unban`.

    `remaining` has the places where such a sanction still holds, as in `done`.
    """
    if not remaining:
        return f"{name} {UNDONE[word]} \n".encode()
    kind, state = REMAINING[word]
    places = " and ".join(_place(kind, room) for room in dict.fromkeys(remaining))
    return f"Undone, but {name} is still {state} {places} \n".encode()


def _place(kind, room):
    site, preposition = PLACES[kind]
    return site if room is None else f"{preposition} {room}"


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


def decided(word: str, number: int) -> bytes:
    """Return the answer to a word that decides about something that waits."""
    return f"{DECIDED[word]} {number} \n".encode()


class Sighting(Protocol):
    """A person who was on the site, and from where."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def addresses(seen: Iterable[Sighting]) -> bytes:
    """Return the answer to `addresses`."""
    lines = [f"{each.at:%Y-%m-%d %H:%M} {each.name} {each.address}\n" for each in seen]
    return "".join(["Addresses:\n", *lines]).encode() if lines else NO_ADDRESSES


def waiting(reports: Iterable[Waiting], held: Iterable[Waiting], *, has_more: bool) -> bytes:
    """Return the answer to `reports`."""
    return _lists({"Reports:": reports, "Held Messages:": held}, has_more=has_more)


def requests(
    joining: Iterable[Waiting], applications: Iterable[Waiting], *, has_more: bool
) -> bytes:
    """Return the answer to `requests`: those who ask to join rooms, and for accounts."""
    return _lists({"Joining:": joining, "New Accounts:": applications}, has_more=has_more)


def _lists(lists: Mapping[str, Iterable[Waiting]], *, has_more: bool) -> bytes:
    lines = [line for heading, entries in lists.items() for line in _list(heading, entries)]
    if not lines:
        return NOTHING_WAITS
    return "".join(lines).encode() + (MORE_WAIT if has_more else b"")


def _list(heading, entries):
    lines = [line for entry in entries for line in _entry(entry)]
    return [f"{heading}\n", *lines] if lines else []


def _entry(entry):
    reported = f", reported by {entry.reporter}" if entry.reporter else ""
    room = f"{entry.room} " if entry.room else ""
    text = f": {_shown(entry.text)}" if entry.text else ""
    begin = f"{entry.number} {entry.at:%Y-%m-%d %H:%M} {room}{entry.name}"
    lines = [f"{begin}{reported}{text}\n"]
    if entry.quoted:
        lines.append(f"{entry.number} > {entry.name}: {_shown(entry.quoted)}\n")
    return lines


def _shown(text):
    return one_line(text[: 2 * SHOWN])[:SHOWN]
