"""A web member that lives through faults: it reconnects and sends again as the page does."""

import asyncio
import time
from uuid import uuid4

from tests.faults.changes import ClientChanges, SentChange
from tests.faults.ledger import ClientOutbox
from tests.faults.member_rooms import MemberRooms
from tests.faults.received import HISTORY_PAGE, FrameDecoder, ReceivedLines
from tests.faults.reconnecting import ReconnectingClient
from tests.faults.timing import FIRST_RETRY_PAUSE
from tests.faults.waiting import until

SANCTIONED = {"muted", "banned", "locked"}  # the answers after which a message is not sent again


class ClientMember(ReconnectingClient):
    """A signed-in client that receives, says and asks; see `ReconnectingClient` for `places`."""

    purges = False  # whether it removes messages of others, which are in no ledger

    def __init__(self, name, session_key, places, decode=None):
        super().__init__(session_key, places, decode or FrameDecoder())
        self.name = name
        self.complaints = []  # what the server must never do
        complain = self.complaints.append
        self.received = ReceivedLines(
            self._ask_history, self.drop_connection, self._acknowledge_line, complain
        )
        self.rooms = MemberRooms(
            name, self.send, self.drop_connection, self._acknowledge_line, complain
        )
        self.outbox = ClientOutbox(self._send_message, self.drop_connection, complain)
        self.changes = ClientChanges(name, self.outbox)
        self.ledger = self.outbox.ledger  # {client id: SentMessage}
        self.attempts = self.outbox.attempts  # (sent, answered) of each say frame
        self.people_lists = []  # (seq, people) of each list of those present
        self.welcomes = []  # (time, frame without lists) of each connection
        self.frames = []  # the answers to what this member has asked

    def __repr__(self):
        state = "connected" if self.connected else f"away, {self.ends[-1:]}"
        return f"<{self.name} at {self.last_seq}, {len(self.outbox.waiting)} waiting, {state}>"

    # Connecting

    @property
    def last_seq(self):
        """The number of the newest line, None before the first welcome."""
        return self.received.last

    async def enter(self):
        """Start connecting, and wait for the first welcome."""
        self.start()
        await until(lambda: self.welcomes or self.over, lambda: f"{self} was not welcomed")

    async def leave(self):
        """Log out, and end."""
        self.over = True
        if self.connected:
            self.send(type="logout")
            await until(lambda: not self.connected, lambda: f"{self} could not leave")
        await self.vanish()

    def forget_connection(self):
        """Forget what belongs to the connection that has ended."""
        self.received.forget_missing()
        self.rooms.forget_connection()
        self.outbox.close()

    # Receiving

    def receive(self, frame):
        """Apply a frame of the server."""
        if self.changes.receive(frame) or self.rooms.receive(frame):
            return
        match frame["type"]:
            case "lines":
                self.received.extend(frame["lines"])
            case "welcome":
                self._receive_welcome(frame)
            case "history":
                self.frames.append(frame)
                self.received.fill(frame["lines"])
            case "said":
                self.outbox.acknowledge(frame["client_id"], frame["seq"])
            case "error":
                self._receive_error(frame)
            case "bye":
                self.note_bye(frame)
            case "people":
                self.people_lists.append((frame["seq"], frame["people"]))
                self.frames.append(frame)
            case _:
                self.frames.append(frame)

    def _receive_welcome(self, frame):
        kept = {
            key: value for key, value in frame.items() if key not in ("lines", "people", "rooms")
        }
        self.welcomes.append((time.monotonic(), kept))
        self.people_lists.append((frame["seq"], frame["people"]))
        self.received.welcome(frame)
        self.note_welcome()
        self.rooms.welcome(frame)
        self.outbox.open()

    def _receive_error(self, frame):
        if frame["code"] in ("try_again", "too_fast") and frame["client_id"] in self.ledger:
            self.outbox.refuse(frame["client_id"])
        elif frame["code"] in SANCTIONED and frame["client_id"] in self.outbox.waiting:
            self.outbox.refuse_for_good(frame["client_id"], frame["code"])
        elif frame["code"] == "try_again" and self.received.is_incomplete:
            seq = self.welcomes[-1][1]["seq"]
            asyncio.get_running_loop().call_later(
                FIRST_RETRY_PAUSE, self.received.ask_missing_again, seq
            )
        else:
            self.frames.append(frame)

    def _acknowledge_line(self, line, room=None):
        self.outbox.acknowledge(line["client_id"], line["seq"])
        self.changes.receive_line(line, room)

    # Sending

    def say(self, text, client_id=None, room=None, reply=None):
        """Queue a message, and return the `SentMessage` that will be acknowledged."""
        return self.outbox.add(text, client_id or str(uuid4()), room, reply)

    def known(self, room):
        """Return the lines that the member has received of a room; None if it is not open."""
        return self.received if room is None else self.rooms.received.get(room)

    def change(self, kind, seq, room=None, **fields):
        """Queue a change of a message, and return its `SentChange`."""
        received = self.known(room)
        after = received.last if received is not None and received.last else 0
        return self.changes.add(kind, seq, room, after, **fields)

    def change_something(self, turn):
        """Change one of the last messages of this member, or react to the newest one.

        A message that was removed stays as it is, and a reaction to one of others stays, so that
        each change needs a line.
        """
        own = [each for each in self.ledger.values() if each.seq is not None]
        own = [each for each in own if not self.changes.has_removed(each.seq, each.room)]
        if not own:
            return
        message = own[-1 - turn % min(len(own), 3)]
        place = message.seq, message.room
        match turn % 6:
            case 0 | 3:
                self.change("edit", *place, text=f"{message.text} *edited* in turn {turn}")
            case 1:
                newest = self.received.newest_message()
                if newest is not None and not self.changes.has_reacted(newest, None):
                    self.change("react", newest, emoji="👍", on=True)
            case 2:
                for is_on in (True, False):
                    self.change("react", *place, emoji="🎉", on=is_on)
            case 4:
                self.change("remove", *place)
            case 5:
                self.change("remove", *place)
                self.change("restore", *place)

    async def ask(self, kind, **fields):
        """Send a frame, and return the answer or the error.

        A page of history that the member has asked for by itself may come in between.
        """
        known = len(self.frames)
        kinds = {"people" if kind == "look" else kind, "error"}

        def answers():
            return [frame for frame in self.frames[known:] if frame["type"] in kinds]

        self.send(type=kind, **fields)
        await until(answers, lambda: f"{self} got no answer to {kind}")
        return answers()[0]

    async def look(self):
        """Return the names that the server says are present."""
        frame = await self.ask("look")
        assert frame["type"] == "people", f"{self} was answered {frame}"
        return [person["name"] for person in frame["people"]]

    def _send_message(self, message):
        if isinstance(message, SentChange):
            self.send(**message.frame)
            return
        named = {"room": message.room, "reply": message.reply}
        named = {name: value for name, value in named.items() if value is not None}
        self.send(type="say", text=message.text, client_id=message.client_id, **named)

    def _ask_history(self, before):
        self.send(type="history", before=before, limit=HISTORY_PAGE)
