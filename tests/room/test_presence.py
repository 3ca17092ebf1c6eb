"""The people in a room: entering and leaving, and their connections and processes."""

import pytest

from chat.models import Connection, Message, Presence, Process, Room, User
from chat.room import connections, presence, processes, state
from chat.room.refusal import Refused
from tests.support.make_members import letters
from tests.support.presence import enter, events


def people_in(room):
    """Return the names of the people in a room."""
    return [person.name for person in state.people(room.pk)[1].values()]


def code(result):
    """Return the code of a refusal; None for a stay."""
    return result.code if isinstance(result, Refused) else None


def test_entering_is_a_line_of_the_log_and_the_stay_has_its_number(lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    assert events(lobby) == [("entered", "alice")]
    assert Presence.objects.get().entered == stay.seq == 1


def test_people_who_enter_together_are_sent_the_lines_after_their_own(lobby, alice, bob, process):
    stays = enter(lobby, alice, "carol", alice, bob, process=process)
    assert [stay.seq for stay in stays] == [1, 2, 1, 3]
    assert events(lobby) == [("entered", "alice"), ("entered", "carol"), ("entered", "bob")]


def test_entering_takes_as_many_queries_for_many_as_for_one(
    lobby, process, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        enter(lobby, *(f"guest {letters(number)}" for number in range(100)), process=process)
    assert len(people_in(lobby)) == 100


def test_the_second_connection_of_an_account_is_not_announced(lobby, alice, process):
    enter(lobby, alice, process=process)
    (second,) = enter(lobby, alice, process=process)
    assert events(lobby) == [("entered", "alice")]
    assert second.seq == 1
    assert people_in(lobby) == ["alice"]


def test_a_person_leaves_with_the_last_connection(lobby, alice, process):
    first, second = enter(lobby, alice, alice, process=process)
    assert presence.leave([first.connection_id]) == [False]
    assert people_in(lobby) == ["alice"]
    assert presence.leave([second.connection_id]) == [True]
    assert events(lobby) == [("entered", "alice"), ("left", "alice")]
    assert Message.objects.get(kind="left").of == 1
    assert people_in(lobby) == []


def test_leaving_ends_the_lost_connections_of_the_same_person(lobby, alice, process):
    before_the_reload, after = enter(lobby, alice, alice, process=process)
    presence.lose([before_the_reload.connection_id])
    assert presence.leave([after.connection_id]) == [True]
    assert people_in(lobby) == []


def test_a_person_with_lost_connections_stays_until_the_last_one_expires(lobby, alice, process):
    first, second = enter(lobby, alice, alice, process=process)
    presence.lose([first.connection_id, second.connection_id])
    assert presence.expire([first.connection_id]) == [False]
    assert people_in(lobby) == ["alice"]
    assert presence.expire([second.connection_id]) == [True]


def test_leaving_twice_is_announced_once(lobby, process):
    (stay,) = enter(lobby, "carol", process=process)
    presence.leave([stay.connection_id])
    assert presence.leave([stay.connection_id]) == [False]
    assert events(lobby) == [("entered", "carol"), ("left", "carol")]


def test_two_guests_who_ask_for_one_name_together_do_not_both_get_it(lobby, process):
    first, second = enter(lobby, "carol", "Carol", process=process)
    assert code(first) is None
    assert code(second) == "taken"


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "aIice", "alice in chains"])
def test_a_guest_cannot_enter_under_the_name_of_an_account(lobby, alice, process, name):
    (refused,) = enter(lobby, name, process=process)
    assert code(refused) == "taken"
    assert events(lobby) == []


def test_names_that_are_never_allowed_are_refused_with_a_code(lobby, process):
    results = enter(
        lobby, "\x00", "a: b", "*x", "bob has left the room.", "n" * 65, process=process
    )
    assert [code(result) for result in results] == ["empty", "taken", "taken", "taken", "taken"]


@pytest.mark.parametrize(
    "name",
    [
        "@alice",
        "alice.",
        "alice✓",
        "ᴀʟɪᴄᴇ",
        "(alice)",
        "alice, hi",
        "“аlice”",
        "alice✓ smith",
        "a1ice!",
    ],
)
def test_a_guest_cannot_enter_under_what_looks_like_the_name_of_an_account(
    lobby, process, alice, name
):
    (refused, stay) = enter(lobby, name, "alice-marie", process=process)
    assert code(refused) == "taken"
    assert code(stay) is None


@pytest.mark.parametrize("name", ["admin", "System", "moderator✓", "аll", "deleted user."])
def test_a_guest_cannot_enter_under_a_reserved_name(lobby, process, name):
    (refused,) = enter(lobby, name, process=process)
    assert code(refused) == "taken"


def test_an_account_with_a_reserved_name_can_enter(lobby, process):
    admin = User.objects.create_user("admin")
    enter(lobby, admin, process=process)
    assert people_in(lobby) == ["admin"]


def test_two_guests_whose_names_look_the_same_are_not_both_let_in(lobby, process):
    results = enter(lobby, "علی\u200cرضا", "علیرضا", "ᴀɴɴ", "Ann", process=process)
    assert [code(result) for result in results] == [None, "taken", None, "taken"]


def test_an_entering_account_makes_a_guest_with_its_name_leave(lobby, process):
    (guest,) = enter(lobby, "dora", process=process)
    dora = User.objects.create_user("dora", password="explore it 1")
    enter(lobby, dora, process=process)
    assert events(lobby) == [("entered", "dora"), ("left", "dora"), ("entered", "dora")]
    assert not Connection.objects.filter(pk=guest.connection_id).exists()
    assert state.people(lobby.pk)[1][3].guest is False


def test_people_are_listed_in_the_order_of_entering(lobby, alice, bob, process):
    first, *_ = enter(lobby, "zoe", bob, alice, process=process)
    presence.leave([first.connection_id])
    enter(lobby, "zoe", process=process)
    assert people_in(lobby) == ["bob", "alice", "zoe"]


def test_disconnecting_a_session_spares_the_other_browsers(lobby, alice, process):
    enter(lobby, alice, process=process, session_key="phone")
    enter(lobby, alice, process=process, session_key="desk")
    connections.disconnect(session_key="phone")
    assert list(Connection.objects.values_list("session_key", flat=True)) == ["desk"]
    assert people_in(lobby) == ["alice"]
    connections.disconnect(user_id=alice.pk, except_session="desk")
    assert people_in(lobby) == ["alice"]
    connections.disconnect(user_id=alice.pk)
    assert people_in(lobby) == []


def test_a_name_is_in_use_while_a_guest_holds_it(lobby, alice, process):
    (stay,) = enter(lobby, "carol", process=process)
    enter(lobby, alice, process=process)
    key = Presence.objects.get(user=None).key
    assert presence.is_guest_name_in_use(key)
    assert not presence.is_guest_name_in_use(Presence.objects.get(user=alice).key)
    presence.leave([stay.connection_id])
    assert not presence.is_guest_name_in_use(key)


def test_a_successor_takes_over_web_members_and_legacy_guests_leave(lobby, alice, process):
    enter(lobby, alice, "carol", process=process)
    successor = processes.register("here", 2, "now")
    taken = processes.take_over(successor, [process])
    assert events(lobby)[2:] == [("left", "carol")]
    assert people_in(lobby) == ["alice"]
    assert taken == [Connection.objects.get().pk]
    assert Connection.objects.get().process_id == successor
    assert not Process.objects.filter(pk=process).exists()


def test_the_fingerprint_of_a_process_is_the_number_and_the_sum_of_its_connections(
    lobby, alice, process
):
    assert connections.fingerprint(process) == (0, 0)
    stays = enter(lobby, alice, "carol", "dora", process=process)
    ids = [stay.connection_id for stay in stays]
    assert connections.fingerprint(process) == (3, sum(ids))
    presence.lose(ids[:1])
    presence.leave(ids[1:2])
    assert connections.fingerprint(process) == (1, ids[2])


def test_the_people_of_a_dead_process_leave_once(lobby, alice, process):
    enter(lobby, alice, "carol", process=process)
    processes.bury([process])
    processes.bury([process])
    assert events(lobby)[2:] == [("left", "alice"), ("left", "carol")]
    assert not processes.beat(process)


def test_each_heartbeat_is_counted(process):
    assert processes.beat(process)
    other = processes.register("there", 1, "then")
    assert processes.others(other) == [(process, "here", 1, "then", 1, False)]


def test_a_process_that_stops_in_order_is_deleted_or_marked_as_stopped(lobby, alice, process):
    idle = processes.register("here", 2, "now")
    processes.retire(idle)
    enter(lobby, alice, process=process)
    processes.retire(process)
    assert [(heard.id, heard.stopped) for heard in processes.others(0)] == [(process, True)]


def test_the_parts_of_a_rooms_state_agree(lobby, alice, process):
    enter(lobby, alice, "carol", process=process)
    found = state.read(lobby.pk, line_limit=1, message_limit=1)
    assert found.counters.last_seq == 2
    assert [person.name for person in found.people.values()] == ["alice", "carol"]
    assert [line.seq for line in found.lines] == [2]


def test_the_lobby_is_created_once_with_the_name_from_the_settings(db, settings):
    settings.CHAT_ROOM = "Kitchen"
    assert Room.first().name == "Kitchen"
    settings.CHAT_ROOM = "Cellar"
    assert Room.first().name == "Kitchen"
