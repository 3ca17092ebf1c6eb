"""The changes that one web member makes to messages: edits, removals, restorations, reactions.

They are sent in turn with the messages, and again after a lost connection: a change that is saved
already changes nothing.
"""

from itertools import count

from tests.faults.ledger import SentMessage

# The kinds of the lines that frames of clients lead to.
KINDS = {"edit": "edited", "remove": "removed", "restore": "restored", "react": "reacted"}


class SentChange(SentMessage):
    """A change of the message `of`. `line` is (kind, text) of the line that says it.

    The text of an edit is not in the line, but among the texts of the message.
    """

    __slots__ = ("after", "frame", "line", "of")

    def __init__(self, kind, of, room, after, **fields):
        super().__init__(fields.get("text", ""), room=room)
        self.of, self.after = of, after
        self.frame = {"type": kind, "seq": of, **fields}
        if room is not None:
            self.frame["room"] = room
        emoji = fields.get("emoji", "")
        self.line = KINDS[kind], emoji if fields.get("on", True) else f"-{emoji}"


class ClientChanges:
    """The changes of a web member, which are sent by the `ClientOutbox` of their messages."""

    def __init__(self, name, outbox):
        self._name = name
        self._numbers = count()
        self._outbox = outbox
        self.ledger = {}  # {number: SentChange}

    @property
    def current(self):
        """The change that waits for its answer, with its number, or (number, None)."""
        number = next(iter(self._outbox.waiting), None)
        return number, self.ledger.get(number)

    def add(self, kind, of, room, after, **fields):
        """Queue a change of a message. `after` is the last line that is known of the room."""
        number = next(self._numbers)
        change = self.ledger[number] = SentChange(kind, of, room, after, **fields)
        return self._outbox.put(number, change)

    def _of(self, seq, room, *kinds):
        """Return the changes of some kinds that were made to a message."""
        found = (each for each in self.ledger.values() if (each.of, each.room) == (seq, room))
        return [each for each in found if each.frame["type"] in kinds]

    def has_removed(self, seq, room):
        """Return whether a message is removed once all changes are saved."""
        found = self._of(seq, room, "remove", "restore")
        return bool(found) and found[-1].frame["type"] == "remove"

    def has_reacted(self, seq, room):
        """Return whether there was a reaction to a message."""
        return bool(self._of(seq, room, "react"))

    def receive_line(self, line, room):
        """Take the line of the current change as its answer."""
        number, change = self.current
        if change is None or line["name"] != self._name or line["seq"] <= change.after:
            return
        kind, text = change.line
        is_right = (line["kind"], line["of"], room) == (kind, change.of, change.room)
        if is_right and (kind != "reacted" or line["text"] == text):
            self._outbox.acknowledge(number, line["seq"])

    def receive(self, frame):
        """Take the answer to a change, and return whether the frame is one."""
        if frame.get("answer") not in KINDS:
            return False
        number, change = self.current
        if change is None or (frame["answer"], frame.get("seq")) != (
            change.frame["type"],
            change.of,
        ):
            return True  # to an attempt whose line has come
        if frame["type"] == "done":
            self._outbox.acknowledge(number, None)
        elif frame["code"] in ("try_again", "too_fast"):
            self._outbox.refuse(number)
        else:
            change.refused = frame["code"]
            self._outbox.acknowledge(number, None)
        return True
