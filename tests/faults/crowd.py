"""Members and guests, spread over the servers, that talk while something breaks."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import cycle

from tests.faults.guest import ClientGuest
from tests.faults.member import ClientMember
from tests.faults.received import FrameDecoder
from tests.faults.waiting import until
from tests.support.make_members import letters

ENTERING_TOGETHER = 50
BACK_WITHIN = 60  # seconds until everybody has reconnected, at the very latest


class Crowd:
    """The clients of a scenario. `members` reconnect; `guests` have one stay each."""

    def __init__(self, site):
        self.site = site
        self.members, self.guests = [], []
        self._decode = FrameDecoder()
        self._said = 0

    @property
    def everybody(self):
        return [*self.members, *self.guests]

    # Entering

    async def gather(
        self, members, guests=0, *, servers=None, prefix="member", receive_buffer=None
    ):
        """Let people enter, in turn on each server. Return (members, guests)."""
        servers = servers or self.site.servers
        accounts = await self.site.accounts(members, prefix) if members else []
        new_members = []
        for number, (name, session_key) in enumerate(accounts):
            turn = number % len(servers)
            places = servers[turn:] + servers[:turn]
            new_members.append(self.member(name, session_key, places))
        start, places = len(self.guests), cycle(servers)
        new_guests = [
            ClientGuest(f"guest{letters(start + n)}", next(places)) for n in range(guests)
        ]
        for one in [*new_members, *new_guests]:
            one.receive_buffer = receive_buffer
        await self.enter(new_members, new_guests)
        return new_members, new_guests

    def member(self, name, session_key, places):
        """Return a new member that shares its decoded frames with all others."""
        return ClientMember(name, session_key, places, self._decode)

    async def enter(self, members, guests=()):
        """Let these enter, and count them in."""
        people = [*members, *guests]
        for start in range(0, len(people), ENTERING_TOGETHER):
            group = people[start : start + ENTERING_TOGETHER]
            await asyncio.gather(*(person.enter() for person in group))
        assert all(person.connected for person in people), "somebody was not let in"
        self.members += members
        self.guests += guests

    async def disperse(self):
        """Let everybody leave."""
        everybody = self.everybody
        for start in range(0, len(everybody), ENTERING_TOGETHER):
            group = everybody[start : start + ENTERING_TOGETHER]
            await asyncio.gather(*(person.leave() for person in group))

    # Talking

    @asynccontextmanager
    async def talking(self, rate, speakers=None, length=40):
        """Talk in the background, at `rate` messages a second."""
        talk = asyncio.create_task(self.talk(rate, speakers=speakers, length=length))
        try:
            yield
            if talk.done():
                talk.result()
        finally:
            talk.cancel()
            await asyncio.wait([talk])

    async def talk(self, rate, count=None, speakers=None, length=40):
        """Say `count` messages, or say them without end, whether they are heard or not.

        `speakers` take turns: some members and guests, unless given.
        """
        turns = cycle(speakers or [*self.members[:20], *self.guests[:5]])
        start, said = time.monotonic(), 0
        while count is None or said < count:
            while said < (time.monotonic() - start) * rate and (count is None or said < count):
                said += 1
                self._say_next(turns, length)
            await asyncio.sleep(0.005)  # the rate of the load

    def _say_next(self, turns, length):
        speaker = next(turns)
        while isinstance(speaker, ClientGuest) and not speaker.connected:
            speaker = next(turns)
        self._said += 1
        speaker.say(f"{speaker.name} {self._said} ".ljust(length, "x"))

    def speakers_in_blocks(self, people=10, turns=8):
        """Return speakers for `talk`: for some turns all of one server, then all of the next.

        A server reads the lines of others together with its own, so only a server where nobody
        speaks shows how soon it learns of the others.
        """
        return [
            speaker
            for server in self.site.servers
            for speaker in [one for one in self.members if one.place is server][:people] * turns
        ]

    def acknowledged(self, since=0.0):
        """Return the acknowledged messages among those said since a moment."""
        return [
            message
            for person in self.everybody
            for message in person.ledger.values()
            if message.acknowledged_at is not None and message.said_at >= since
        ]

    async def until_acknowledged(self, count, patience=60):
        """Wait until `count` more messages are acknowledged."""
        wanted = len(self.acknowledged()) + count
        await until(lambda: len(self.acknowledged()) >= wanted, "nothing is acknowledged", patience)

    # Afterwards

    async def settle(self, patience=BACK_WITHIN):
        """Wait until everybody is connected and no message waits for an answer.

        Members that have ended are not waited for: the judge checks whether they had to end.
        """
        living = [member for member in self.members if not member.over]

        def unsettled():
            return [one for one in living if not one.connected or one.outbox.waiting]

        def unanswered():
            return [guest for guest in self.guests if guest.connected and guest.waiting]

        await until(lambda: not unsettled(), lambda: f"unsettled: {unsettled()[:5]}", patience)
        await until(lambda: not unanswered(), lambda: f"unanswered: {unanswered()[:5]}", patience)

    async def until_back(self, patience=BACK_WITHIN):
        """Wait until everybody is connected, while people may still talk."""
        living = [member for member in self.members if not member.over]

        def away():
            return [member for member in living if not member.connected]

        await until(lambda: not away(), lambda: f"away: {away()[:5]}", patience)

    def back_after(self, moment):
        """Return the seconds from a moment to the latest welcome of each who lost a connection."""
        return [
            welcomed - moment
            for member in self.members
            if member.ends and member.ends[-1].at >= moment
            for welcomed, _ in member.welcomes[-1:]
        ]
