"""Authors at both doors hear that their messages wait, and what was decided."""

from uuid import uuid4

import pytest

from chat.models import HeldMessage
from tests.support.holding import refuse, release, waiting_texts
from tests.support.text_clients import TextClient, enter, on_site, play
from tests.support.web_clients import WebClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hold_first")]

HELD = "Held for approval \n"


def test_a_page_is_answered_at_once_and_hears_of_the_decisions(alice, garden):
    async def journey():
        page = WebClient(alice)
        welcome = await page.enter()
        assert "held" not in welcome
        first, second = str(uuid4()), str(uuid4())
        for _ in range(2):  # as after a lost answer
            answer = await page.ask("held", type="say", text="first", client_id=first)
            assert answer == {"type": "held", "client_id": first, "state": "waiting"}
        await page.ask("held", type="say", text="second", client_id=second)
        assert await on_site(waiting_texts) == ["first", "second"]

        await on_site(refuse, "second", "No ads")
        told = await page.until("held", state="refused")
        assert told == {
            "type": "held",
            "client_id": second,
            "state": "refused",
            "reason": "No ads",
        }
        seq = await on_site(release, "first")
        (line,) = (await page.until("lines"))["lines"]
        assert (line["seq"], line["text"], line["client_id"]) == (seq, "first", first)
        said = await page.until("said")
        assert said == {"type": "said", "client_id": first, "seq": seq}
        again = await page.ask("held", type="say", text="second", client_id=second)
        assert again == told
        await page.leave()

    play(journey)


def test_a_message_in_another_room_names_the_room(garden, alice, bob):
    async def journey():
        page = WebClient(bob)
        await page.enter()
        mine = str(uuid4())
        answer = await page.ask("held", type="say", text="x", client_id=mine, room=garden.pk)
        assert answer["room"] == garden.pk
        await page.ask("opened", type="open", room=garden.pk)
        await on_site(refuse, "x", "")
        told = await page.until("held", state="refused")
        assert (told["room"], told["reason"]) == (garden.pk, "")
        await page.leave()

    play(journey)


def test_the_welcome_lists_the_messages_that_wait(alice, lobby, garden):
    async def journey():
        page = WebClient(alice)
        await page.enter()
        mine = str(uuid4())
        await page.ask("held", type="say", text="first", client_id=mine)
        await page.leave()
        (held,) = (await page.enter())["held"]
        assert held.pop("at")
        assert held == {"client_id": mine, "room": lobby.pk, "text": "first"}
        await on_site(refuse, "first", "No")
        await page.until("held", state="refused", client_id=mine)
        await page.leave()

    play(journey)


def test_a_guest_at_a_terminal_waits_and_hears_of_the_decisions(lobby, keys):
    async def journey():
        gus, alice = await enter(keys, "gus", "alice")
        assert await gus.answer("say first") == HELD
        assert await gus.answer("say second") == HELD
        await on_site(refuse, "first", "No ads")
        await gus.until("* Your message was refused: No ads\n")
        await on_site(release, "second")
        for client in (gus, alice):
            await client.until("gus: second\n")
        assert "first" not in alice.text
        await gus.log_out()
        await alice.log_out()

    play(journey)


def test_a_member_at_a_terminal_hears_of_the_decisions_after_coming_back(garden, keys):
    async def journey():
        first = await TextClient("bob", keys["bob"]).enter()
        assert (await first.answer("to #rose-garden hello")).endswith(HELD)
        assert await first.answer("say hi") == HELD
        await first.log_out()
        second = await TextClient("bob", keys["bob"]).enter()
        await second.answer("look")  # so that the site knows what waits for this connection
        await on_site(refuse, "hi", "")
        await second.until("* Your message was refused\n")
        await on_site(release, "hello")
        await second.until("#rose-garden bob: hello\n")
        await second.log_out()

    play(journey)


def test_a_person_with_too_many_waiting_messages_is_told(lobby, keys, alice):
    async def journey():
        (gus,) = await enter(keys, "gus")
        for number in range(20):
            assert await gus.answer(f"say {number}") == HELD
        assert await gus.answer("say more") == "Too many messages wait for approval \n"
        assert await on_site(HeldMessage.objects.count) == 20
        await gus.log_out()
        page = WebClient(alice)
        await page.enter()
        for _ in range(20):
            await page.ask("held", type="say", text="x", client_id=str(uuid4()))
        error = await page.ask("error", type="say", text="x", client_id=str(uuid4()))
        assert error["code"] == "too_many_held"
        await page.leave()

    play(journey)
