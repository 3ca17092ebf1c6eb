"""The messages of one phase of the load, where the speakers are in several rooms."""

import time
from uuid import uuid4

from tests.benchmarks.load_talk import MARK, MARKED, TAIL, TEXT


class RoomTalk:
    """Speakers who each say the next message when their last one has come back to them.

    `places` has [number of a member, id of a room, people there] for each speaker. It has what
    `Load` and `LoadClients` need of a `LoadTalk`. Only the speakers are asked how long a message
    took, because not everybody receives each message.
    """

    in_turn = True

    def __init__(self, members, places):
        self.speakers = {}
        self.said = self.low = self.heard = self._expected = 0
        self.done = []  # for each message, the time when it came back
        self._waits = []  # milliseconds
        for link in members:
            link.reset()
        for number, (member, room, people) in enumerate(places):
            link = members[member]
            link.marker = (MARK + b"%02d" % number).decode()
            link.is_listened_to = True
            self.speakers[b"%02d" % number] = link, room, people

    def begin(self):
        """Let every speaker say its first message."""
        for digits in self.speakers:
            self._say(digits)

    def _say(self, digits):
        link, room, people = self.speakers[digits]
        self.said += 1
        self._expected += people
        link.outstanding = time.perf_counter()
        text = f"{link.marker} {TEXT}"
        link.sock.send(link.wire.say(text, str(uuid4()), room))

    def advance(self, link, fresh):
        """Count messages that have come to a member."""
        self.heard += fresh

    def listen(self, link, data):
        """Find a speaker's own message, so that it can say the next one."""
        data = link.tail + data
        link.tail = bytes(data[-TAIL:])
        for found in MARKED.finditer(data):
            speaker = self.speakers.get(found[1])
            if speaker is not None and speaker[0] is link and link.outstanding is not None:
                self._go_on(found[1], link)

    def _go_on(self, digits, link):
        now = time.perf_counter()
        self._waits.append(1000 * (now - link.outstanding))
        self.done.append(now)
        self.low += 1
        link.outstanding = None
        if self.in_turn:
            self._say(digits)

    @property
    def is_over(self):
        """True if all members have received everything."""
        return self.heard >= self._expected

    def waits(self, first, last):
        """Return the milliseconds from saying to coming back, for some of the messages."""
        return self._waits[first:last]
