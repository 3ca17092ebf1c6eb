"""Changes of messages through both doors, by the frames that chat/wire/README.md describes."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.clients import TextMember, run_journey
from tests.support.room_setup import make_room

pytestmark = pytest.mark.slow


async def change(member, kind, seq, **fields):
    """Send a change of a message, and return the line or the frame that answers it."""
    frames, lines = len(member.frames), len(member.lines)
    await member.send(type=kind, seq=seq, **fields)

    def answers(frame):
        return frame["type"] in ("done", "error") and frame.get("answer") == kind

    line = asyncio.ensure_future(
        member.until_line(lambda line: line["of"] == seq and line in member.lines[lines:])
    )
    frame = asyncio.ensure_future(member.until_frame(answers, frames))
    done, waiting = await asyncio.wait([line, frame], return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    return done.pop().result()


def shown(line):
    return line["kind"], line["name"], line["of"], line["text"]


def test_a_change_is_answered_by_its_line_and_a_repeated_one_by_done(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        seq = (await alice.say("hello"))["seq"]
        await bob.until_said("hello")
        for kind, made, fields in (
            ("edit", "edited", {"text": " new\r\ntext "}),
            ("react", "reacted", {"emoji": "👍", "on": True}),
            ("remove", "removed", {}),
            ("restore", "restored", {}),
        ):
            line = await change(alice, kind, seq, **fields)
            assert (line["kind"], line["name"], line["of"]) == (made, alice.name, seq)
            await bob.until_line(lambda heard, line=line: heard == line)
            again = await change(alice, kind, seq, **fields)
            assert again == {"type": "done", "answer": kind, "seq": seq}
        restored = alice.lines[-1]
        assert (restored["text"], restored["reactions"]) == ("new\ntext", {"👍": [alice.name]})
        page = await bob.ask("history", before=seq + 1, limit=1)
        assert page["lines"][0]["text"] == "new\ntext"
        assert page["lines"][0]["edited"] == restored["edited"]
        off = await change(bob, "react", seq, emoji="👍", on=False)
        assert off["type"] == "done"
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_a_refused_change_says_what_was_refused(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        seq = (await alice.say("hello"))["seq"]
        error = await change(bob, "edit", seq, text="mine")
        assert (error["type"], error["code"], error["seq"]) == ("error", "not_allowed", seq)
        assert (await change(bob, "remove", seq))["code"] == "not_allowed"
        assert (await change(bob, "restore", 10**15))["code"] == "no_message"
        assert (await change(bob, "react", seq, emoji="x", on=True))["code"] == "bad_emoji"
        elsewhere = await change(bob, "edit", seq, text="x", room=10**9)
        assert (elsewhere["code"], elsewhere["room"]) == ("no_room", 10**9)
        await bob.send(type="say", text="yes", client_id=str(uuid4()), reply=10**15)
        error = await bob.until_frame(lambda frame: frame.get("code") == "no_message", 1)
        assert error["type"] == "error"
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_both_doors_see_edits_and_replies(server, members):
    async def journey(alice):
        guest = TextMember(server, "grace")
        await alice.enter()
        await guest.enter()
        seq = (await alice.say("hello"))["seq"]
        await guest.until("hello\n")
        await guest.ask("numbers", "Lines have numbers now \n")
        await guest.ask(f"reply {seq} welcome", f"grace: > {alice.name}: hello\n")
        answer = await alice.until_said("welcome")
        assert (answer["of"], answer["quote"]) == (seq, {"name": alice.name, "text": "hello"})
        await change(alice, "edit", seq, text="good morning")
        await guest.until(f"{seq} * {alice.name} edited: good morning\n")
        await guest.ask(f"edit {answer['seq']} good evening", "* grace edited: good evening\n")
        edited = await alice.until_said("good evening")
        assert shown(edited) == ("edited", "grace", answer["seq"], "good evening")
        await alice.leave()
        await guest.leave()

    run_journey(journey(members(1)))


def test_a_room_that_is_not_open_changes_with_an_answer_without_a_line(server, members):
    async def journey(alice):
        room = await make_room(server, alice, "Quiet")
        await alice.enter()
        await alice.send(type="say", text="hello", client_id=str(uuid4()), room=room)
        said = await alice.until_frame(lambda frame: frame["type"] == "said")
        done = await change(alice, "edit", said["seq"], text="new", room=room)
        assert done == {"type": "done", "answer": "edit", "seq": said["seq"], "room": room}
        opened = await alice.ask("open", room=room)
        assert "new" in [line["text"] for line in opened["lines"]]
        await alice.leave()

    run_journey(journey(members(1)))
