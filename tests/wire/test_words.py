"""The table of the commands that people type."""

import pytest

from chat.wire import legacy, words
from chat.wire.commands import RoomWord
from chat.wire.message_commands import NumberWord
from chat.wire.moderation_commands import ModerationWord
from chat.wire.words import WORDS

ROOM_WORDS = ["rooms", "join", "leave", "to", "go", "topic", "invite", "msg", "level"]
NUMBER_WORDS = ["reply", "react", "edit", "remove"]
MODERATOR_WORDS = [
    *("mute", "unmute", "kick", "ban", "unban", "purge", "unpurge", "slow", "lock", "unlock"),
    *("reports", "handle", "dismiss", "release", "refuse"),
    *("requests", "admit", "decline", "approve", "reject", "addresses"),
]


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_table_makes_a_command_with_this_word(word):
    assert legacy.parse_line(word.encode()).word == word
    assert legacy.parse_line(f"{word} x".encode()).word == word


@pytest.mark.parametrize("word", ROOM_WORDS)
def test_the_argument_of_a_word_about_rooms_is_clean(word):
    sent = f"{word}   rose\x1b garden \u202e \t"
    assert legacy.parse_line(sent.encode()) == RoomWord(word, "rose  garden")
    assert legacy.parse_line(word.encode()) == RoomWord(word, "")


@pytest.mark.parametrize("word", ["report", *MODERATOR_WORDS])
def test_the_argument_of_a_word_of_moderation_is_clean(word):
    sent = f"{word}   ann\x1b 10m \u202e \t"
    assert legacy.parse_line(sent.encode()) == ModerationWord(word, "ann  10m")


def test_help_lists_words_for_moderators_only_where_they_may_be_used():
    def listed(*offered):
        shown = words.help_inside(is_member=True, offered=offered).decode()
        return [line.split()[0] for line in shown.splitlines()]

    assert [word for word, entry in WORDS.items() if entry.actions] == MODERATOR_WORDS
    assert set(listed()).isdisjoint(MODERATOR_WORDS)
    assert [word for word in listed("mute", "slow") if word in MODERATOR_WORDS] == ["mute", "slow"]
    assert "reports" in listed("handle")
    assert "reports" in listed("release")
    assert "requests" in listed("admit")
    assert {"requests", "admit", "decline", "approve", "reject"} <= set(listed("approve"))
    assert "approve" not in listed("admit")


@pytest.mark.parametrize("word", NUMBER_WORDS)
def test_the_argument_of_a_word_with_a_number_begins_with_it(word):
    assert legacy.parse_line(f"{word}  12  rose\x1b ".encode()) == NumberWord(word, 12, "rose")
    for argument in ("", "x 12", "-1", "1.5", "٣", "9" * 5000):
        assert legacy.parse_line(f"{word} {argument}".encode()).seq is None


def test_help_lists_the_words_with_numbers_only_where_numbers_are_shown():
    shown = words.help_inside(is_member=False, has_numbers=True).decode()
    listed = [line.split()[0] for line in shown.splitlines()]
    assert listed == [
        "say",
        "look",
        "history",
        "search",
        *ROOM_WORDS[:-3],
        "ignore",
        "unignore",
        "report",
        "numbers",
        *NUMBER_WORDS,
        "logout",
    ]


def test_help_says_which_words_numbers_are_for():
    listed = words.help_inside(is_member=False).decode().splitlines()
    (numbers,) = (line for line in listed if line.startswith("numbers - "))
    assert set(NUMBER_WORDS) <= set(numbers.replace(",", "").split())


def test_help_lists_the_words_that_work():
    outside = [line.split()[0] for line in words.help_outside().decode().splitlines()]
    guest, member = (
        [line.split()[0] for line in words.help_inside(is_member=is_member).decode().splitlines()]
        for is_member in (False, True)
    )
    assert outside == ["login", "logout"]
    assert guest == [
        "say",
        "look",
        "history",
        "search",
        *ROOM_WORDS[:-3],
        "ignore",
        "unignore",
        "report",
        "numbers",
        "logout",
    ]
    assert member == [
        "say",
        "look",
        "history",
        "search",
        *ROOM_WORDS,
        "ignore",
        "unignore",
        "report",
        "numbers",
        "logout",
    ]
    assert b"say TEXT - speak to the room\nlook - who is here\n" in words.help_inside(
        is_member=True
    )
