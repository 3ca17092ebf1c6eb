"""Members and guests spread over the servers, who talk while something goes wrong."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import cycle

from tests.faults import oracle
from tests.faults.figures import spread
from tests.faults.members import Decoder, Guest, Member, until
from tests.support.make_members import letters

AT_ONCE = 50  # who enter together
BACK_WITHIN = 60  # seconds until everybody has come back, at the very latest


class Crowd:
    """Everybody in a scenario. `members` live on; `guests` have one stay each."""

    def __init__(self, site):
        self.site = site
        self.members, self.guests = [], []
        self._decode = Decoder()
        self._said = 0

    @property
    def everybody(self):
        return [*self.members, *self.guests]

    async def gather(self, members, guests=0, *, servers=None, prefix="member"):
        """Let some more enter, in turn on each server; (the members, the guests)."""
        servers = servers or self.site.servers
        accounts = await self.site.accounts(members, prefix) if members else []
        came = []
        for number, (name, session_key) in enumerate(accounts):
            turn = number % len(servers)
            places = servers[turn:] + servers[:turn]
            came.append(Member(name, session_key, places, self._decode))
        start = len(self.guests)
        where = cycle(servers)
        strangers = [Guest(f"guest{letters(start + n)}", next(where)) for n in range(guests)]
        await self.enter(came + strangers)
        self.members += came
        self.guests += strangers
        return came, strangers

    async def enter(self, people):
        for start in range(0, len(people), AT_ONCE):
            group = people[start : start + AT_ONCE]
            await asyncio.gather(*(person.enter() for person in group))
        assert all(person.connected for person in people), "somebody was not let in"

    async def disperse(self):
        """Everybody goes, and the room is empty."""
        everybody = self.everybody
        for start in range(0, len(everybody), AT_ONCE):
            await asyncio.gather(*(one.leave() for one in everybody[start : start + AT_ONCE]))

    # Talking

    @asynccontextmanager
    async def talking(self, rate, speakers=None, length=40):
        """Messages come at `rate` a second from `speakers` in turn, whether heard or not."""
        talk = asyncio.create_task(self.talk(rate, speakers=speakers, length=length))
        try:
            yield
            if talk.done():
                talk.result()
        finally:
            talk.cancel()
            await asyncio.wait([talk])

    async def talk(self, rate, count=None, speakers=None, length=40):
        """Say `count` messages (without end, unless told) at `rate` a second."""
        turns = cycle(speakers or [*self.members[:20], *self.guests[:5]])
        begun, said = time.monotonic(), 0
        while count is None or said < count:
            while said < (time.monotonic() - begun) * rate and (count is None or said < count):
                said += 1
                self._say_something(turns, length)
            await asyncio.sleep(0.005)  # the rate: this is the load, not waiting for a result

    def _say_something(self, turns, length):
        speaker = next(turns)
        while isinstance(speaker, Guest) and not speaker.connected:
            speaker = next(turns)
        self._said += 1
        speaker.say(f"{speaker.name} {self._said} ".ljust(length, "x"))

    def in_blocks(self, people=10, turns=8):
        """Speakers for `talk`: for some turns people of one server alone, then of the next.

        Where people speak, the others' lines are read together with their own: a server has to
        be silent to show that it hears.
        """
        return [
            speaker
            for server in self.site.servers
            for speaker in [one for one in self.members if one.place is server][:people] * turns
        ]

    async def acknowledged(self, count, patience=60):
        """Wait until so many more messages were acknowledged: the load is on."""
        start = len(self.told())
        await until(lambda: len(self.told()) >= start + count, "nothing is acknowledged", patience)

    def told(self, since=0.0):
        """The messages that were acknowledged, of those asked for since a moment."""
        return [
            told
            for one in self.everybody
            for told in one.ledger.values()
            if told.acknowledged_at is not None and told.asked_at >= since
        ]

    # Afterwards

    async def settle(self, patience=BACK_WITHIN):
        """Wait until nothing is under way: everybody is back and has all that there is.

        Who is gone for good is not waited for: whether they may be, the judge asks.
        """
        living = [member for member in self.members if not member.over]
        await until(
            lambda: all(member.connected and not member.outbox for member in living),
            lambda: f"away or waiting: {[m for m in living if not m.connected or m.outbox][:5]}",
            patience,
        )
        await until(
            lambda: not any(guest.waiting for guest in self.guests if guest.connected),
            lambda: f"waiting: {[guest for guest in self.guests if guest.waiting][:5]}",
            patience,
        )

    async def come_back(self, patience=BACK_WITHIN):
        """Wait until everybody is back, though they may still talk: something always waits then."""
        living = [member for member in self.members if not member.over]
        await until(
            lambda: all(member.connected for member in living),
            lambda: f"away: {[member for member in living if not member.connected][:5]}",
            patience,
        )

    def back_after(self, moment):
        """Seconds from a moment until each who had lost the connection was welcomed again."""
        return [
            welcomed - moment
            for member in self.members
            if member.ends and member.ends[-1].at >= moment
            for welcomed, _ in member.welcomes[-1:]
        ]

    def listen(self, *servers):
        """One member on each server (all, unless told) who writes down when lines come."""
        ears = [
            next(member for member in self.members if member.place is server)
            for server in servers or self.site.servers
        ]
        for ear in ears:
            ear.arrivals = {}
        return ears

    def line_times(self, ears, since, until_=float("inf"), *, elsewhere=False):
        """Seconds from saying to hearing of the messages asked for in a span of time.

        `ears` are from `listen`; what one said itself does not count, and with `elsewhere` only
        what was said on another server than the ear's does.
        """
        heard = self._heard(ears, since, until_, elsewhere)
        return [arrived - told.asked_at for told, arrived in heard]

    def bus_times(self, ears, since, until_=float("inf")):
        """Seconds from a line's being shown to its speaker to its being heard elsewhere.

        What the saving took is not the bus's.
        """
        heard = self._heard(ears, since, until_, elsewhere=True)
        return [arrived - told.acknowledged_at for told, arrived in heard if told.acknowledged_at]

    def _heard(self, ears, since, until_, elsewhere):
        """(`Told`, when it came) for each ear and message."""
        for ear in ears:
            asked = {
                told.client_id or told.text: told
                for one in self.everybody
                if one is not ear and not (elsewhere and one.place is ear.place)
                for told in one.ledger.values()
                if since <= told.asked_at < until_
            }
            for line in ear.lines:
                key = line["client_id"] or line["text"]
                if key in asked and line["seq"] in ear.arrivals:
                    yield asked[key], ear.arrivals[line["seq"]]

    async def judge(self, figures, **options):
        """Let the oracle judge, now that nothing is said any more; see `oracle.judge`."""
        await self.settle()
        await oracle.judge(self, figures, **options)


def measured(crowd, figures, moment):
    """Write down how soon everybody was back after a fault."""
    back = crowd.back_after(moment)
    if back:
        figures.recovered = f"{len(back)} clients back after {max(back):.1f} s at most"
    figures.note(f"a line takes {spread([told.took for told in crowd.told(moment)])}")
