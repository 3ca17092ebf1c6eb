"""The table of the commands that people type: words of the legacy port, and of the page.

On the legacy port a word begins a line. On the page some of them follow a slash: `/join ROOM`.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from chat.wire.commands import (
    Command,
    Help,
    History,
    Login,
    Logout,
    Look,
    RoomWord,
    Say,
    Search,
    TextTooLong,
    clean,
    is_too_long,
)
from chat.wire.ignore_commands import Ignore, Unignore
from chat.wire.message_commands import Numbers, NumberWord
from chat.wire.moderation_commands import ModerationWord

HISTORY_DEFAULT = 20
HISTORY_MAX = 200
MAX_DIGITS = 18  # of the number of a line, so that every number fits into 64 bits


class Word(NamedTuple):
    """A command as it is typed.

    `make` makes a command of the argument, whose ends have no blanks. `arguments` says what the
    argument is, with optional parts in brackets. `help` lists the word with `purpose`, and before
    the login with `purpose_outside`; where one of them is None, the word is not known there.
    Guests may not use a word with `members_only`. A word `with_numbers` is known while the client
    is shown numbers. A word for moderators has `actions`, and is known only to people who may take
    one of them in the room where they are. The page has a word with `on_page` too.
    """

    make: Callable[[str], Command]
    arguments: str = ""
    purpose: str | None = None
    purpose_outside: str | None = None
    members_only: bool = False
    with_numbers: bool = False
    actions: tuple[str, ...] = ()
    on_page: bool = False

    @property
    def needs_argument(self) -> bool:
        """Whether an argument is expected. The original's words accept none all the same."""
        return bool(self.arguments) and not self.arguments.startswith("[")

    def is_offered(self, offered: Collection[str]) -> bool:
        """Whether somebody to whom some actions of moderation are offered knows the word."""
        return not self.actions or not set(self.actions).isdisjoint(offered)


def _say(argument: str) -> Command:
    text = clean(argument)
    return TextTooLong() if is_too_long(text) else Say(text)


def _history(argument: str) -> Command:
    return History(_history_limit(argument))


def _history_limit(argument: str) -> int:
    if not (argument.isascii() and argument.isdigit()):
        return HISTORY_DEFAULT
    digits = argument.lstrip("0")
    if not digits:
        return HISTORY_DEFAULT
    if len(digits) > len(str(HISTORY_MAX)):  # do not convert thousands of digits
        return HISTORY_MAX
    return min(int(digits), HISTORY_MAX)


def _room_word(word: str) -> Callable[[str], Command]:
    return lambda argument: RoomWord(word, clean(argument))


def _number_word(word: str) -> Callable[[str], Command]:
    def make(argument: str) -> Command:
        number, _, rest = argument.partition(" ")
        is_number = number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS
        return NumberWord(word, int(number) if is_number else None, clean(rest))

    return make


def _moderation_word(word: str) -> Callable[[str], Command]:
    return lambda argument: ModerationWord(word, clean(argument))


def _for_moderators(word: str, arguments: str, purpose: str) -> Word:
    return Word(_moderation_word(word), arguments, purpose, actions=(word,), on_page=True)


def _for_looking(word: str, arguments: str, purpose: str, *actions: str) -> Word:
    """Return a word about what moderators look through, which has a page of its own."""
    return Word(_moderation_word(word), arguments, purpose, actions=actions or (word,))


TARGETED = "TARGET [DURATION] [REASON]"

# In the order in which `help` lists them. Words without an argument ignore what follows them, as in
# the original.
WORDS: dict[str, Word] = {
    "login": Word(Login, "NAME [KEY]", purpose_outside="enter the room"),
    "say": Word(_say, "TEXT", "speak to the room"),
    "look": Word(lambda argument: Look(), "", "who is here"),
    "history": Word(_history, "[N]", "what was said"),
    "search": Word(
        lambda argument: Search(clean(argument)), "WORDS", "find what was said", on_page=True
    ),
    "rooms": Word(_room_word("rooms"), "", "which rooms there are"),
    "join": Word(_room_word("join"), "ROOM", "come into a room, and get its lines", on_page=True),
    "leave": Word(_room_word("leave"), "[ROOM]", "leave a room", on_page=True),
    "to": Word(_room_word("to"), "ROOM TEXT", "speak to another room"),
    "go": Word(_room_word("go"), "[ROOM]", "let say, look and history mean another room"),
    "topic": Word(_room_word("topic"), "[TEXT]", "what the room is about", on_page=True),
    "invite": Word(
        _room_word("invite"), "NAME", "let somebody into the room", members_only=True, on_page=True
    ),
    "msg": Word(
        _room_word("msg"), "NAME TEXT", "write to somebody alone", members_only=True, on_page=True
    ),
    "level": Word(
        _room_word("level"),
        "LEVEL [ROOM]",
        "hear all, mentions or nothing of a room",
        members_only=True,
        on_page=True,
    ),
    "ignore": Word(
        lambda argument: Ignore(clean(argument)),
        "[NAME]",
        "see nothing of somebody, or list them",
        on_page=True,
    ),
    "unignore": Word(
        lambda argument: Unignore(clean(argument)), "NAME", "see them again", on_page=True
    ),
    "report": Word(
        _moderation_word("report"), "NAME WHY", "tell the moderators about somebody", on_page=True
    ),
    "mute": _for_moderators("mute", TARGETED, "let somebody read and not speak"),
    "unmute": _for_moderators("unmute", "TARGET", "let them speak again"),
    "kick": _for_moderators("kick", TARGETED, "send somebody away for a while"),
    "ban": _for_moderators("ban", TARGETED, "send somebody away for good, or for a time"),
    "unban": _for_moderators("unban", "TARGET", "let them come back"),
    "purge": _for_moderators(
        "purge", "TARGET MINUTES [REASON]", "remove what somebody has said lately"
    ),
    "unpurge": _for_moderators("unpurge", "", "restore what your last purge has removed"),
    "slow": _for_moderators("slow", "SECONDS|off", "let people speak once in so many seconds"),
    "lock": _for_moderators("lock", "", "let only moderators speak"),
    "unlock": _for_moderators("unlock", "", "let everybody speak again"),
    "reports": _for_looking(
        "reports", "", "which reports and messages wait for you", "handle", "release"
    ),
    "handle": _for_looking("handle", "N [REASON]", "close report N: something was done"),
    "dismiss": _for_looking("dismiss", "N [REASON]", "close report N: nothing has to be done"),
    "release": _for_looking("release", "N", "let held message N be said"),
    "refuse": _for_looking("refuse", "N [REASON]", "do not let held message N be said"),
    "requests": _for_looking(
        "requests", "", "who asks to join a room, or for an account", "admit", "approve"
    ),
    "admit": _for_looking("admit", "N", "let somebody who asks into the room", "admit", "approve"),
    "decline": _for_looking(
        "decline", "N [REASON]", "do not let them into the room", "decline", "approve"
    ),
    "approve": _for_looking("approve", "N [REASON]", "let account N sign in"),
    "reject": _for_looking("reject", "N [REASON]", "do not let account N sign in", "approve"),
    "addresses": _for_looking("addresses", "TARGET", "from where somebody came, or who did"),
    "numbers": Word(
        lambda argument: Numbers(),
        "",
        "show a number before each line, for reply, react, edit and remove, or no longer",
    ),
    "reply": Word(_number_word("reply"), "N TEXT", "answer line N", with_numbers=True),
    "react": Word(_number_word("react"), "N EMOJI", "react to line N", with_numbers=True),
    "edit": Word(_number_word("edit"), "N TEXT", "change your line N", with_numbers=True),
    "remove": Word(_number_word("remove"), "N", "remove line N", with_numbers=True),
    "help": Word(lambda argument: Help(), "", "", ""),  # its own list need not name it
    "logout": Word(lambda argument: Logout(), "", "leave", "disconnect"),
}


def usage(word: str) -> str:
    """Return a word with its arguments, as `help` shows it."""
    return f"{word} {WORDS[word].arguments}".rstrip()


def help_outside() -> bytes:
    """Return the answer to `help` before the login."""
    return _list({word: entry.purpose_outside for word, entry in WORDS.items()})


def help_inside(
    *, is_member: bool, has_numbers: bool = False, offered: Collection[str] = ()
) -> bytes:
    """Return the answer to `help` in the room, for a member or a guest, with or without numbers.

    `offered` are the actions of moderation that are offered to them there.
    """
    return _list(
        {
            word: entry.purpose
            for word, entry in WORDS.items()
            if (is_member or not entry.members_only)
            and (has_numbers or not entry.with_numbers)
            and entry.is_offered(offered)
        }
    )


def _list(purposes: dict[str, str | None]) -> bytes:
    lines = [f"{usage(word)} - {purpose}\n" for word, purpose in purposes.items() if purpose]
    return "".join(lines).encode()
