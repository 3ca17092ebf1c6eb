"""Every command of the table of words works through both doors."""

import asyncio
import re
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from chat.consumers import text_moderation, text_rooms
from chat.wire import words
from chat.wire.commands import RoomWord
from chat.wire.moderation_commands import ModerationWord
from chat.wire.words import WORDS
from tests.support.clients import TextMember, run_journey
from tests.support.room_setup import make_key, make_room, manage
from tests.support.starts import PROJECT
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

EXTRAS = PROJECT / "static" / "chat" / "extras"
PAGE = EXTRAS / "slash-commands.js", EXTRAS / "moderation-words.js"


class Walk:
    """A room `walk` of ann, who is at a terminal, and bob, who is in a browser.

    bob has opened the room; its id is `room`. Both are members. `number` is that of a message of
    ann's there.
    """

    def __init__(self, ann, bob, room):
        self.ann, self.bob, self.room = ann, bob, room
        self.number = None

    async def by_text(self, line, answer):
        """Send a line of ann's, and wait for the answer."""
        names = {"ann": self.ann.name, "bob": self.bob.name, "number": self.number}
        await self.ann.ask(line.format(**names), answer.format(**names))

    async def ask(self, kind, **fields):
        return await self.bob.ask(kind, **fields)

    async def say(self, room, text, **fields):
        await self.bob.send(type="say", room=room, text=text, client_id=str(uuid4()), **fields)

    async def until_changed(self, kind, seq):
        def changes(frame):
            lines = frame["lines"] if frame["type"] == "lines" else []
            return any((line["kind"], line["of"]) == (kind, seq) for line in lines)

        await self.bob.until_frame(changes)

    # One method for each word, in the form in which the browser has it

    async def login(self):
        await self.bob.leave()
        assert (await self.bob.enter())["you"] == self.bob.name

    async def say_in_the_lobby(self):
        await self.bob.say("hello lobby")

    async def look(self):
        assert self.bob.name in {each["name"] for each in (await self.ask("look"))["people"]}

    async def history(self):
        page = await self.ask("history", before=2**62, limit=1)
        assert len(page["lines"]) == 1

    async def search(self):
        async with asyncio.timeout(PATIENCE):
            found = "<mark>hello</mark> lobby"
            while found not in await asyncio.to_thread(self.page, "search/?q=hello"):
                await asyncio.sleep(0.05)  # the index follows what is said
        await self.by_text("search hello", "#lobby {bob}: hello lobby\n")

    def page(self, path):
        cookie = {"Cookie": f"sessionid={self.bob.session_key}"}
        with urlopen(Request(f"{self.bob.server.url}/{path}", headers=cookie)) as page:
            return page.read().decode()

    async def rooms(self):
        await self.bob.leave()
        assert "walk" in {each["slug"] for each in (await self.bob.enter())["rooms"]}

    async def join(self):
        assert (await self.ask("join", room=self.room))["room"]["role"] == "member"

    async def leave(self):
        assert (await self.ask("part", room=self.room))["change"] == "left"
        await self.ask("join", room=self.room)

    async def to(self):
        await self.ask("open", room=self.room)
        await self.say(self.room, "hello room")
        await self.bob.until_said_in(self.room, "hello room")
        self.number = (await self.history_of_room())[-2]["seq"]

    async def history_of_room(self):
        page = await self.ask("history", room=self.room, before=2**62, limit=2)
        return page["lines"]

    async def go(self):
        opened = await self.ask("open", room=self.room)
        assert opened["summary"]["slug"] == "walk"

    async def topic(self):
        known = len(self.bob.frames)
        await self.bob.send(type="topic", room=self.room, text="mine")
        error = await self.bob.until_frame(lambda frame: frame["type"] == "error", known)
        assert error["code"] == "not_allowed"  # bob is no moderator

    async def invite(self):
        answer = await self.ask("invite", room=self.room, name=self.ann.name)
        assert answer["answer"] == "invite"

    async def msg(self):
        direct = (await self.ask("direct", names=[self.ann.name]))["room"]["id"]
        await self.ask("open", room=direct)
        await self.say(direct, "hello ann")
        await self.bob.until_said_in(direct, "hello ann")
        await self.ann.until(f"@{self.bob.name}: hello ann\n")

    async def numbers(self):
        assert all(line["seq"] for line in await self.history_of_room())

    async def reply(self):
        await self.say(self.room, "and mine", reply=self.number)
        assert (await self.bob.until_said_in(self.room, "and mine"))["of"] == self.number

    async def react(self):
        await self.bob.send(type="react", room=self.room, seq=self.number, emoji="🎉", on=True)
        await self.until_changed("reacted", self.number)

    async def edit(self):
        mine = (await self.bob.until_said_in(self.room, "and mine"))["seq"]
        await self.bob.send(type="edit", room=self.room, seq=mine, text="and also mine")
        await self.until_changed("edited", mine)

    async def remove(self):
        mine = (await self.bob.until_said_in(self.room, "and mine"))["seq"]
        await self.bob.send(type="remove", room=self.room, seq=mine)
        await self.until_changed("removed", mine)

    async def level(self):
        room = (await self.ask("level", room=self.room, level="nothing"))["room"]
        assert room["level"] == "nothing"
        await self.ask("level", room=self.room, level="all")

    async def ignore(self):
        answer = await self.ask("ignore", name=self.ann.name)
        assert answer["names"] == [self.ann.name]
        answer = await self.ask("ignores", name=self.ann.name.upper())
        assert answer["listed"] == self.ann.name
        assert (await self.ask("ignores", name="somebody else"))["listed"] is None

    async def unignore(self):
        assert (await self.ask("unignore", name=self.ann.name))["names"] == []

    async def report(self):
        await self.bob.send(type="report", room=self.room, name=self.ann.name, why="too loud")
        await self.until_done("report")
        bob, ann = (f"User.objects.get(username={each.name!r})" for each in (self.bob, self.ann))
        await manage(
            self.bob.server, f"membership.set_role({self.room}, {bob}, 'moderator', {ann})"
        )

    async def until_done(self, answer):
        await self.bob.until_frame(
            lambda frame: (frame["type"], frame.get("answer")) == ("done", answer)
        )

    async def moderation_page(self):
        assert "Moderation" in await asyncio.to_thread(self.page, "moderation/")

    async def help(self):
        assert on_page() == [f"/{words.usage(word)}" for word in WORDS if WORDS[word].on_page]

    async def logout(self):
        await self.bob.send(type="logout")
        assert (await self.bob.until_frame(lambda frame: frame["type"] == "bye"))[
            "code"
        ] == "logout"


def moderate(action, **fields):
    """Return a step in which bob, who is a moderator by then, takes an action on the page."""

    async def step(walk):
        known = len(walk.bob.frames)
        await walk.bob.send(type="moderate", action=action, room=walk.room, **fields)
        done = await walk.bob.until_frame(
            lambda frame: frame["type"] == "done" and frame["answer"] == "moderate", known
        )
        assert done["action"] == action

    return step


# The line of ann's and the answer, and what bob does, in this order. carl and dora are
# absent guests.
STEPS = {
    "login": ("login again", "Unknown command login \n", Walk.login),
    "say": ("say hello", "{ann}: hello\n", Walk.say_in_the_lobby),
    "look": ("look", "Online Users:\n", Walk.look),
    "history": ("history 1", "\n", Walk.history),
    "search": ("search nowhere", "Nothing was found \n", Walk.search),
    "rooms": ("rooms", "#walk (Walk)\n", Walk.rooms),
    "join": ("join walk", "You have joined #walk \n", Walk.join),
    "to": ("to walk hi", "#walk {ann}: hi\n", Walk.to),
    "go": ("go walk", "You speak to #walk \n", Walk.go),
    "topic": ("topic Feet", "#walk * The topic is: Feet \n", Walk.topic),
    "invite": ("invite {bob}", "{bob} is in #walk \n", Walk.invite),
    "msg": ("msg {bob} hello", "@{ann}: hello\n", Walk.msg),
    "level": ("level all walk", "You are told of all messages in #walk \n", Walk.level),
    "ignore": ("ignore {bob}", "You see nothing more of {bob} \n", Walk.ignore),
    "unignore": ("unignore {bob}", "You see again what {bob} says \n", Walk.unignore),
    "report": ("report {bob} hm", "Thank you, the moderators have your report \n", Walk.report),
    "mute": ("mute carl", "Muted carl in #walk for good \n", moderate("mute", target="dora")),
    "unmute": ("unmute carl", "carl may speak again \n", moderate("unmute", target="dora")),
    "kick": (
        "kick carl",
        "Kicked carl from #walk for 10 minutes \n",
        moderate("kick", target="dora", duration="1h"),
    ),
    "ban": ("ban carl 7d", "Banned carl from #walk for 1 week \n", moderate("ban", target="dora")),
    "unban": ("unban carl", "carl may come back \n", moderate("unban", target="dora")),
    "purge": (
        "purge carl 60",
        "There are no messages of carl to remove \n",
        moderate("purge", target="dora", duration="1h"),
    ),
    "unpurge": ("unpurge", "Restored 0 messages \n", moderate("unpurge")),
    "slow": ("slow 30", "Slow mode: one message in 30 seconds \n", moderate("slow")),
    "lock": ("lock", "Only moderators speak there now \n", moderate("lock")),
    "unlock": ("unlock", "Everybody may speak there again \n", moderate("unlock")),
    "reports": ("reports", "{bob}, reported by {ann}: hm\n", Walk.moderation_page),
    "handle": ("handle 1", "Handled 1 \n", Walk.moderation_page),
    "dismiss": ("dismiss 1", "That has been decided already \n", Walk.moderation_page),
    "release": ("release 1", "Nothing with that number waits for you \n", Walk.moderation_page),
    "refuse": ("refuse 1", "Nothing with that number waits for you \n", Walk.moderation_page),
    "requests": ("requests", "Nothing waits for you \n", Walk.moderation_page),
    "admit": ("admit 1", "Nothing with that number waits for you \n", Walk.moderation_page),
    "decline": ("decline 1", "Nothing with that number waits for you \n", Walk.moderation_page),
    "approve": ("approve 1", "Unknown command approve \n", Walk.moderation_page),
    "reject": ("reject 1", "Unknown command reject \n", Walk.moderation_page),
    "addresses": ("addresses carl", "Unknown command addresses \n", Walk.moderation_page),
    "numbers": ("numbers", "Lines have numbers now \n", Walk.numbers),
    "reply": ("reply {number} yes", " #walk {ann}: > {ann}: hi\n", Walk.reply),
    "react": ("react {number} 👍", "You have reacted to {number} with 👍 \n", Walk.react),
    "edit": ("edit {number} hey", "{number} #walk * {ann} edited: hey\n", Walk.edit),
    "remove": ("remove {number}", "You have removed {number} \n", Walk.remove),
    "help": ("help", "logout - leave\n", Walk.help),
    "leave": ("leave walk", "The room needs an owner when you leave \n", Walk.leave),
    "logout": ("logout", "", Walk.logout),
}


def on_page():
    """Return how the commands of the page are written."""
    return re.findall(r'usage: "(.+?)"', "".join(path.read_text() for path in PAGE))


def test_every_word_works_through_both_doors(server, members):
    assert STEPS.keys() == WORDS.keys()

    async def journey(ann, bob):
        room = await make_room(server, ann, "Walk")
        terminal = TextMember(server, f"{ann.name} {await make_key(server, ann)}")
        await bob.enter()
        assert await terminal.enter() == "Login Success"
        terminal.name = ann.name
        walk = Walk(terminal, bob, room)
        await walk.join()
        for line, answer, step in STEPS.values():
            await walk.by_text(line, answer)
            await step(walk)
        await terminal.until_closed()

    run_journey(journey(*members(2)))


@pytest.mark.parametrize(
    ("kind", "handlers"),
    [(RoomWord, text_rooms.HANDLERS), (ModerationWord, text_moderation.HANDLERS)],
)
def test_the_words_about_rooms_and_of_moderation_have_a_handler_each(kind, handlers):
    made = {word: entry.make("x") for word, entry in WORDS.items()}
    assert {word for word, command in made.items() if isinstance(command, kind)} == set(handlers)
