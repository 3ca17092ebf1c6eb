"""The messages of one phase of the load, and how many of them all members have received."""

import re
import time
from uuid import uuid4

MARK = b"^^"
MARKED = re.compile(rb"\^\^(\d\d)")
CARET = MARK[0]
TAIL = len(b"^^00") - 1  # bytes of a marker that may have come before the rest of it
MOST_SPEAKERS = 99  # each has two digits
TEXT = "a line of a usual length, as people write them in a chat"


class LoadTalk:
    """The speakers of one phase, and the messages that have reached everybody.

    The last members to enter speak, because servers that send in that order serve them last. With
    `in_turn` a speaker says the next message when it has received its last one.
    """

    def __init__(self, members, speakers, *, in_turn):
        assert 0 < speakers <= min(MOST_SPEAKERS, len(members))
        chosen = self._turns = members[-speakers:]
        self._echoes = chosen[0].wire.echoes
        self.in_turn = in_turn
        self.speakers = {b"%02d" % number: link for number, link in enumerate(chosen)}
        for link in members:
            link.reset()
        for digits, link in self.speakers.items():
            link.marker = (MARK + digits).decode()
        # Another member listens if speakers do not receive their own messages.
        without_echo = set() if self._echoes else set(chosen)
        listeners = [link for link in members if link not in without_echo]
        for link in chosen if self._echoes else listeners[-1:]:
            link.is_listened_to = True
        for link in without_echo:
            link.count = -1 << 40  # never equal to a number in `reached`
        self.reached = {0: len(listeners)}  # messages received -> how many listeners
        self.low = 0  # messages that all members have received
        self.due = {}  # number of a message -> the time when it was due
        self.done = []  # for each message, the time when it had reached all members
        self.said = 0
        self.heard = 0  # deliveries

    # Saying

    def begin(self):
        """Let every speaker say its first message, where they speak in turn."""
        if self.in_turn:
            for speaker in self.speakers.values():
                self._say(speaker, time.perf_counter())

    def say_in_turn(self, number, due):
        """Let the next speaker say something that was due at a time."""
        self._say(self._turns[number % len(self._turns)], due)

    def _say(self, speaker, due):
        if speaker.outstanding is not None:
            speaker.queue.append(due)
            return
        speaker.outstanding = due
        self.said += 1
        speaker.sock.send(speaker.wire.say(f"{speaker.marker} {TEXT}", str(uuid4())))

    # Hearing

    def advance(self, link, fresh):
        """Count messages that have come to a member."""
        self.heard += fresh
        was, link.count = link.count, link.count + fresh
        reached = self.reached
        if was not in reached:
            return  # no listener
        reached[was] -= 1
        reached[link.count] = reached.get(link.count, 0) + 1
        if not reached[was]:
            del reached[was]
            if was == self.low:
                now = time.perf_counter()
                self.low = min(reached)
                self.done += [now] * (self.low - was)

    def listen(self, link, data):
        """Find the speakers whose messages have come, so that they can say the next ones."""
        data = link.tail + data
        known = link.tail.count(MARK)
        link.tail = bytes(data[-TAIL:])
        first = link.count - known + 1
        for number, found in enumerate(MARKED.finditer(data), first):
            speaker = self.speakers.get(found[1])
            if speaker is not None and (speaker is link or not self._echoes):
                self._go_on(speaker, number)

    def _go_on(self, speaker, number):
        """Note the number of a speaker's message that has come back, and say the next one."""
        self.due[number] = speaker.outstanding
        speaker.outstanding = None
        if speaker.queue:
            self._say(speaker, speaker.queue.popleft())
        elif self.in_turn:
            self._say(speaker, time.perf_counter())

    # Results

    @property
    def is_over(self):
        """True if all members have received everything."""
        return self.low >= self.said and not any(
            speaker.outstanding for speaker in self.speakers.values()
        )

    def waits(self, first, last):
        """Return the milliseconds from saying to the last receiver, for some of the messages."""
        return [1000 * (self.done[n] - self.due[n + 1]) for n in range(first, last)]
