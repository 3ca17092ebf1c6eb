"""The frames about rooms besides the lobby, over real sockets."""

from uuid import uuid4

from tests.support.clients import run_journey
from tests.support.room_setup import make_room


async def error(member, **frame):
    """Send a frame, and return the error that answers it."""
    known = len(member.frames)
    await member.send(**frame)
    return await member.until_frame(lambda frame: frame["type"] == "error", known)


def test_a_member_talks_in_two_rooms_over_one_socket(server, members):
    async def journey(alice, bob):
        room = await make_room(server, alice, "Two rooms")
        welcome = await alice.enter()
        await bob.enter()
        assert [entry["slug"] for entry in welcome["rooms"]] == ["lobby", "two-rooms"]
        joined = await bob.ask("join", room=room)
        assert (joined["change"], joined["answer"]) == ("joined", "join")
        assert (joined["room"]["id"], joined["room"]["role"]) == (room, "member")
        for member in (alice, bob):
            opened = await member.ask("open", room=room)
            assert opened["summary"]["name"] == "Two rooms"
            assert {person["name"] for person in opened["people"]} == {alice.name, bob.name}
            assert opened["seq"] == opened["lines"][-1]["seq"]
        await bob.send(type="say", room=room, text="hello room", client_id=str(uuid4()))
        await alice.until_said_in(room, "hello room")
        await bob.until_said_in(room, "hello room")
        await bob.say("hello lobby")
        await alice.until_said("hello lobby")
        assert alice.room_lines(room)[-1]["text"] == "hello room"
        assert all(line["text"] != "hello room" for line in alice.lines)
        people = await alice.ask("look", room=room)
        assert {person["name"]: person["role"] for person in people["people"]} == {
            alice.name: "owner",
            bob.name: "member",
        }
        page = await alice.ask("history", room=room, before=2**62, limit=1)
        assert (page["room"], page["lines"][0]["text"], page["more"]) == (room, "hello room", True)
        left = await bob.ask("part", room=room)
        assert (left["change"], left["room"]["id"]) == ("left", room)
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_a_message_in_a_room_that_is_not_open_is_answered_with_its_number(server, members):
    async def journey(alice):
        room = await make_room(server, alice, "Not open")
        await alice.enter()
        client_id = str(uuid4())
        answers = []
        for _ in range(2):
            known = len(alice.frames)
            await alice.send(type="say", room=room, text="hi", client_id=client_id)
            answers.append(await alice.until_frame(lambda frame: frame["type"] == "said", known))
        seq = answers[0]["seq"]
        assert answers == [{"type": "said", "room": room, "client_id": client_id, "seq": seq}] * 2
        opened = await alice.ask("open", room=room)
        assert [line["text"] for line in opened["lines"]].count("hi") == 1
        await alice.leave()

    run_journey(journey(members(1)))


def test_every_frame_about_a_room_that_may_not_be_read_is_answered_with_no_room(server, members):
    async def journey(alice, bob):
        room = await make_room(server, alice, "Secret", private=True)
        await bob.enter()
        for number in (room, 2**62):
            for frame in (
                {"type": "open"},
                {"type": "look"},
                {"type": "history", "before": 9},
                {"type": "say", "text": "hi", "client_id": str(uuid4())},
                {"type": "join"},
                {"type": "part"},
            ):
                answer = await error(bob, room=number, **frame)
                assert (answer["code"], answer["room"]) == ("no_room", number), frame
        await bob.leave()

    run_journey(journey(*members(2)))


def test_the_lobby_can_be_opened_like_any_other_room(members):
    async def journey(alice):
        welcome = await alice.enter()
        lobby = welcome["rooms"][0]["id"]
        line = await alice.say("first")
        opened = await alice.ask("open", room=lobby, after=line["seq"] - 1)
        assert [found["text"] for found in opened["lines"]] == ["first"]
        assert opened["people"][0].keys() == {"name", "guest"}
        assert (await alice.ask("look", room=lobby))["room"] == lobby
        await alice.say("second")
        assert [found["text"] for found in alice.lines[-2:]] == ["first", "second"]
        await alice.leave()

    run_journey(journey(members(1)))


def test_the_lobby_cannot_be_left(members):
    async def journey(alice):
        lobby = (await alice.enter())["rooms"][0]["id"]
        answer = await error(alice, type="part", room=lobby)
        assert (answer["code"], answer["answer"]) == ("not_allowed", "part")
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_closed_room_sends_nothing_and_is_resumed_where_it_was_closed(server, members):
    async def journey(alice):
        room = await make_room(server, alice, "Resumed")
        await alice.enter()
        opened = await alice.ask("open", room=room)
        await alice.send(type="close", room=room)
        await alice.send(type="say", room=room, text="unheard", client_id=str(uuid4()))
        said = await alice.until_frame(lambda frame: frame["type"] == "said")
        assert alice.room_lines(room) == []
        again = await alice.ask("open", room=room, after=opened["seq"])
        assert [line["seq"] for line in again["lines"]] == [said["seq"]]
        assert again["reset"] is False
        far = await alice.ask("open", room=room, after=2**62)
        assert far["reset"] is True
        await alice.leave()

    run_journey(journey(members(1)))


async def told(member, kind, room, known=0):
    """Wait for a frame about a room that answers nothing, and return it."""

    def is_wanted(frame):
        about = frame["room"]["id"] if kind == "room" else frame.get("room")
        return about == room and "answer" not in frame

    return await member.until_frame(lambda frame: frame["type"] == kind and is_wanted(frame), known)


def test_a_member_hears_of_rooms_that_are_not_open(server, members):
    async def journey(alice, bob):
        for member in (alice, bob):
            await member.enter()
        await bob.ask("look", room=1)
        room = await make_room(server, alice, "Heard of", private=True)
        await alice.ask("open", room=room)
        answer = await alice.ask("invite", room=room, name=bob.name.upper())
        assert (answer["change"], answer["answer"]) == ("changed", "invite")
        joined = await told(bob, "room", room)
        assert (joined["change"], joined["room"]["unread"]) == ("joined", 0)
        text = f"hello @{bob.name}"
        await alice.send(type="say", room=room, text=text, client_id=str(uuid4()))
        activity = await told(bob, "activity", room)
        assert (activity["unread"], activity["mentions"]) == (1, 1)
        assert activity["line"]["text"] == text
        await bob.send(type="read", room=room, seq=activity["last"])
        read = await told(bob, "read", room)
        assert (read["seq"], read["unread"], read["mentions"]) == (activity["last"], 0, 0)
        known = len(bob.frames)
        await bob.send(type="unread", room=room, seq=activity["line"]["seq"])
        assert (await told(bob, "read", room, known))["unread"] == 1
        await alice.ask("topic", room=room, text="  roses \n and lilies ")
        changed = await told(bob, "room", room, known)
        assert (changed["change"], changed["room"]["topic"]) == ("changed", "roses and lilies")
        answer = await error(alice, type="topic", room=room, text="x" * 251)
        assert (answer["code"], answer["answer"]) == ("long_topic", "topic")
        assert "topic" in answer["text"]
        assert all(frame["type"] != "activity" for frame in alice.frames)
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_members_write_to_each_other_directly(members):
    async def journey(alice, bob):
        for member in (alice, bob):
            await member.enter()
            await member.ask("look", room=1)
        room = (await alice.ask("direct", names=[bob.name]))["room"]
        assert (room["kind"], room["people"]) == ("direct", [bob.name])
        assert (await bob.ask("direct", names=[alice.name]))["room"]["id"] == room["id"]
        answer = await error(alice, type="direct", names=["nobody at all"])
        assert (answer["code"], answer["answer"]) == ("no_person", "direct")
        answer = await error(alice, type="direct", names=[alice.name])
        assert answer["code"] == "not_allowed"
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_a_client_that_names_no_room_hears_of_none_until_it_does(server, members):
    async def journey(alice, bob):
        for member in (alice, bob):
            await member.enter()
        room = await make_room(server, alice, "Unheard of", private=True)
        await alice.ask("invite", room=room, name=bob.name)
        for text in ("hello", "anybody?"):  # the first may be told together with the invitation
            known = len(alice.frames)
            await alice.send(type="say", room=room, text=text, client_id=str(uuid4()))
            await told(alice, "activity", room, known)
        await alice.say("in the lobby")
        await bob.until_said("in the lobby")
        assert bob.frames == []
        await bob.ask("look", room=1)
        assert (await told(bob, "room", room))["change"] == "joined"
        activity = await told(bob, "activity", room)
        assert (activity["unread"], activity["line"]["text"]) == (2, "anybody?")
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_the_level_of_a_room_and_a_favourite_are_changed_and_kept(server, members):
    async def journey(alice):
        room = await make_room(server, alice, "Levels")
        await alice.enter()
        assert (await alice.ask("level", room=room, level="nothing"))["room"]["level"] == "nothing"
        answer = await error(alice, type="level", room=room, level="loud")
        assert answer["code"] == "bad_frame"
        answer = await alice.ask("favourite", room=room, on=True)
        assert (answer["change"], answer["room"]["favourite"]) == ("changed", True)
        await alice.leave()
        welcome = await alice.enter()
        entry = welcome["rooms"][1]
        assert (entry["level"], entry["favourite"]) == ("nothing", True)
        await alice.leave()

    run_journey(journey(members(1)))
