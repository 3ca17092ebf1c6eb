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
# The first members of a scenario have rooms. Fewer of them than this have none.
FEWEST_WITH_ROOMS = 15
READING = 5  # a member reads once in so many messages that they say
MENTIONING = 10  # a member is mentioned once in so many messages
REPLYING = 4  # a member replies once in so many messages that they say
CHANGING = 5  # and changes a message once in so many
BACK_WITHIN = 120  # seconds until everybody has reconnected, at the very latest


class Crowd:
    """The clients of a scenario. `members` reconnect; `guests` have one stay each.

    `rooms` are [(id, kind, names of its members)] of the rooms besides the lobby.
    """

    def __init__(self, site):
        self.site = site
        self.members, self.guests, self.rooms = [], [], []
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
        accounts = await self._accounts(members, prefix)
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

    async def _accounts(self, count, prefix):
        if count >= FEWEST_WITH_ROOMS and not self.members:
            accounts, self.rooms = await self.site.accounts_with_rooms(count, prefix)
            return accounts
        return await self.site.accounts(count, prefix) if count else []

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
        """Talk in the background, at `rate` messages a second; see `talk`."""
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

        `speakers` take turns: some members and guests, unless given. Every second message of a
        member who has rooms is said in one of them, the others are said in the lobby.
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
        text = f"{speaker.name} {self._said} ".ljust(length, "x")
        turn = len(speaker.ledger)
        if isinstance(speaker, ClientGuest):
            speaker.say(text)
            return
        if turn % 2 == 0 or not speaker.rooms.known:
            speaker.say(text, reply=self._replied_to(speaker, None, turn))
        else:
            self._say_in_room(speaker, turn // 2, text)
        if turn % CHANGING == 0:
            speaker.change_something(turn // CHANGING)

    def _say_in_room(self, speaker, turn, text):
        rooms = sorted(speaker.rooms.known)
        room = rooms[turn % len(rooms)]
        if self._said % MENTIONING == 0:
            text += f" @{self.members[self._said % len(self.members)].name}"
        speaker.say(text, room=room, reply=self._replied_to(speaker, room, turn))
        if turn % READING == 0:
            speaker.rooms.read(room)

    def _replied_to(self, speaker, room, turn):
        """Return the number of the newest message that a speaker knows in a room, now and then."""
        known = speaker.known(room)
        return known and known.newest_message() if turn % REPLYING == 1 else None

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

    async def until_acknowledged(self, count, patience=BACK_WITHIN):
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
