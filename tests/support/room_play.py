"""People who do random things in many rooms, all at the same time."""

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from itertools import count

from tests.support.starts import PROJECT

PAUSE = 0.25  # seconds between two actions of one person, on average
MODERATION_PAUSE = 0.15  # seconds between two changes from outside
ARCHIVED_FOR = 1  # seconds

# The actions of people, and how often each is chosen.
ACTIONS = {
    "say": 40,
    "open": 12,
    "close": 3,
    "history": 4,
    "look": 3,
    "join": 6,
    "part": 5,
    "invite": 6,
    "topic": 2,
    "direct": 2,
    "read": 6,
    "come back": 1,
}
# The same for those at terminals.
WORDS = {"to": 6, "join": 2, "leave": 1}
# Those of owners from outside.
CHANGES = {"remove": 5, "set_role": 3, "invite": 3, "set_access": 2, "archive": 2}


class Moderation:
    """The process of `room_moderation`, which uses the database of a server."""

    def __init__(self, process, stalls):
        self._process, self._stalls = process, stalls
        self._turn = asyncio.Lock()

    async def change(self, name, *arguments):
        """Make a change, and return its result; None if it was refused."""
        async with self._turn, self._stalls.noted():
            self._process.stdin.write(f"{json.dumps([name, *arguments])}\n".encode())
            answer = await self._process.stdout.readline()
        assert answer, "the process of changes has ended"
        return json.loads(answer)


@asynccontextmanager
async def moderation(server, stalls):
    """Start a `Moderation`, and stop it afterwards. `stalls` notes how long changes take."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.room_moderation"),
        cwd=PROJECT,
        env={**os.environ, **server.environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await process.stdout.readline()  # it is ready
        yield Moderation(process, stalls)
    finally:
        process.stdin.close()
        await process.wait()


class RoomPlay:
    """Lets `clients` act in the rooms that `make_rooms` has made. `chance` is a `random.Random`.

    The first clients own rooms. `owners` is {room id: name}, `kinds` {room id: its first kind}, and
    `slugs` has the addresses. `terminals` are `RoomTerminal`s.
    """

    def __init__(self, clients, terminals, moderation, chance):
        self.clients, self.terminals = clients, terminals
        self.moderation, self.chance = moderation, chance
        self.owners, self.kinds, self.slugs = {}, {}, {}
        self._numbers = count(1)
        self._archived = set()

    async def make_rooms(self, open_rooms, private_rooms):
        """Make rooms, each with an owner and some members."""
        for number in range(open_rooms + private_rooms):
            owner = self.clients[number].name
            private = number >= open_rooms
            room, slug = await self.moderation.change("create", owner, f"Room {number}", private)
            self.slugs[room] = slug
            self.owners[room] = owner
            self.kinds[room] = "private" if private else "open"
            for client in self.chance.sample(self.clients, len(self.clients) // 3):
                await self.moderation.change("invite", owner, room, client.name)
            if number % 2 == 0 and not private:
                await self.moderation.change("set_access", owner, room, "guests")

    async def go_on(self, seconds):
        """Let everybody act for some seconds."""
        end = time.monotonic() + seconds
        moderating = asyncio.create_task(self._moderate(end))
        acting = [self._act(client, end) for client in self.clients]
        writing = [self._write(terminal, end) for terminal in self.terminals]
        await asyncio.gather(*acting, *writing, moderating)

    async def say_last_words(self):
        """Let each owner say something in their room, and return the texts."""
        texts = []
        for client in self.clients:
            for room in [room for room, owner in self.owners.items() if owner == client.name]:
                texts.append(self._words(client))
                await client.say(room, texts[-1])
        return texts

    def _words(self, person):
        return f"{person.name} {next(self._numbers)}"

    # From inside

    async def _act(self, client, end):
        while time.monotonic() < end:
            (action,) = self.chance.choices(list(ACTIONS), ACTIONS.values())
            await self._do(action, client)
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))  # the rate of the play

    async def _do(self, action, client):
        room = self._some_room(client)
        match action:
            case "say":
                await client.say(room, self._words(client))
            case "open":
                seen = client.seen.get(room) if self.chance.random() < 0.5 else None
                await client.send("open", room=room, **({} if seen is None else {"after": seen}))
            case "history":
                before = self.chance.randint(1, 200)
                await client.send("history", room=room, before=before, limit=20)
            case "invite":
                await client.send("invite", room=room, name=self._somebody(client))
            case "topic":
                await client.send("topic", room=room, text=f"Topic {next(self._numbers)}")
            case "direct":
                await client.send("direct", names=[self._somebody(client, nearby=True)])
            case "read":
                known = client.known.get(room)
                await client.send("read", room=room, seq=known["last"] if known else 1)
            case "come back":
                await self._come_back(client)
            case _:
                await client.send(action, room=room)

    async def _come_back(self, client):
        """Connect again, and open the rooms that were open with what is known of them."""
        await client.leave()
        await client.enter()
        for room in self.chance.sample(sorted(client.seen), min(5, len(client.seen))):
            await client.send("open", room=room, after=client.seen[room])

    def _some_room(self, client):
        """Return one of the client's rooms, or sometimes any other."""
        own = sorted(room for room in client.known if room != client.lobby)
        return self.chance.choice(own if own and self.chance.random() < 0.8 else [*self.owners])

    def _somebody(self, client, nearby=False):
        """Return the name of somebody else; `nearby` people are few, so that they meet again."""
        place = self.clients.index(client)
        distance = self.chance.randint(1, 2 if nearby else len(self.clients) - 1)
        return self.clients[(place + distance) % len(self.clients)].name

    async def _write(self, terminal, end):
        while time.monotonic() < end:
            (word,) = self.chance.choices(list(WORDS), WORDS.values())
            slug = self.chance.choice(list(self.slugs.values()))
            words = f" {self._words(terminal)}" if word == "to" else ""
            terminal.write(f"{word} {slug}{words}")
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))  # the rate of the play

    # From outside

    async def _moderate(self, end):
        reopening = []
        while time.monotonic() < end:
            room = self.chance.choice([*self.owners])
            (change,) = self.chance.choices(list(CHANGES), CHANGES.values())
            if change == "archive" and room not in self._archived:
                reopening.append(asyncio.create_task(self._archive(room)))
            elif change == "set_access":
                access = self.chance.choice(["private", "open", "guests"])
                await self.moderation.change(change, self.owners[room], room, access)
            elif change != "archive":
                await self._change_member(change, room)
            await asyncio.sleep(self.chance.expovariate(1 / MODERATION_PAUSE))  # the rate
        await asyncio.gather(*reopening)

    async def _archive(self, room):
        self._archived.add(room)
        await self.moderation.change("archive", self.owners[room], room)
        await asyncio.sleep(ARCHIVED_FOR)  # people try to speak meanwhile
        await self.moderation.change("reopen", self.owners[room], room)
        self._archived.remove(room)

    async def _change_member(self, change, room):
        owner = self.owners[room]
        others = [one for one in self.clients if one.name != owner]
        if change != "invite":
            others = [one for one in others if room in one.known] or others
        person = self.chance.choice(others).name
        more = [self.chance.choice(["member", "moderator"])] if change == "set_role" else []
        await self.moderation.change(change, owner, room, person, *more)
