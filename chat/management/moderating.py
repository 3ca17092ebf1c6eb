"""The actions of `manage.py moderate`. The operator has the highest rank of all."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from chat.accounts import applications
from chat.accounts.mail_queue import STOP_WITHIN, mails
from chat.management import moderation_lists as lists
from chat.models import Room
from chat.room import (
    holding,
    join_requests,
    moderation,
    purging,
    removing,
    reports,
    room_rules,
    targets,
)
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode, Refused
from chat.views.site_url import known_site_url

OPERATOR = Moderator(None, Door.COMMAND)
MINUTE = timedelta(minutes=1)
MAX_DIGITS = 18  # of a number that every database accepts
OFF = "off"


class Unclear(Exception):
    """The command says something that makes no sense; the text says what it should say."""


class Asked(NamedTuple):
    """The words of a command, and the values of its options."""

    target: str
    room: Room | None
    duration: timedelta | None
    reason: str

    @property
    def room_id(self) -> int | None:
        return None if self.room is None else self.room.pk

    @property
    def number(self) -> int:
        """The target as a number. Raises `Unclear`."""
        text = self.target
        if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
            raise Unclear(f"{text!r} is no number; the lists begin each line with one")
        return int(text)


class Action(NamedTuple):
    """An action: what it does and returns as lines, what it takes and what it needs.

    `word` names what stands behind the action, and `optional` is whether it may be left out. A
    command that has other `options`, or lacks one that it `needs`, is refused.
    """

    run: Callable[[Asked], Iterable[str]]
    word: str = ""
    optional: bool = False
    options: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


# Sanctions

STATES = {"mute": "muted", "kick": "kept out", "ban": "banned"}


def _impose(function, asked):
    sanction = function(
        OPERATOR, targets.find(asked.target), asked.room_id, asked.duration, asked.reason
    )
    where = "in " + str(sanction.room) if sanction.room else "on the whole site"
    yield f"{sanction.name} is {STATES[sanction.kind]} {where}, {lists.end(sanction)}."
    yield f"To undo it: manage.py moderate lift {sanction.pk}"


def _end(function, asked):
    ended = function(OPERATOR, targets.find(asked.target), asked.room_id)
    yield from map(_lifted, ended.lifted)
    for each in ended.remaining:
        yield f"Still holds: {_described(each)}. Lift it by: manage.py moderate lift {each.pk}"


def _lift(asked):
    return [_lifted(moderation.lift(OPERATOR, asked.number))]


def _lifted(sanction):
    return f"Lifted: {_described(sanction)}."


def _described(sanction):
    return f"{sanction.kind} of {sanction.name}, {lists.place(sanction)}"


# Messages


def _remove(asked):
    if not removing.remove(asked.room_id, [asked.number], None, moderator=OPERATOR):
        raise Refused(RefusalCode.NO_SUCH_MESSAGE)
    return ["The message is removed."]


def _purge(asked):
    minutes = -(-asked.duration // MINUTE)  # rounded up
    target = targets.find(asked.target)
    purged = purging.purge(OPERATOR, target, asked.room_id, minutes, asked.reason)
    yield f"Removed messages of {target.name}: {purged.count}."
    if purged.count:
        yield f"To undo it: manage.py moderate unpurge {purged.entry_id}"


def _unpurge(asked):
    return [f"Restored messages: {purging.undo_purge(OPERATOR, asked.number)}."]


# Rooms


def _slow(asked):
    seconds = 0 if asked.target.lower() == OFF else asked.number
    room_rules.set_slow(OPERATOR, asked.room_id, seconds)
    return [f"Slow mode in {asked.room}: {f'{seconds} seconds' if seconds else OFF}."]


def _lock(locked, asked):
    room_rules.set_locked(OPERATOR, asked.room_id, locked)
    return [f"{asked.room} is {'locked' if locked else 'not locked any more'}."]


def _switch(function, done, asked):
    """Turn something on or off; `done` has the sentences about both."""
    if asked.target.lower() not in ("on", OFF):
        raise Unclear(f"{asked.target!r} is neither on nor off")
    is_on = asked.target.lower() == "on"
    function(OPERATOR, asked.room_id, is_on)
    return [done[is_on].format(asked.room)]


BY_REQUEST = {True: "People have to ask before they join {}.", False: "Everybody may join {}."}
NOTICES = {True: "Lines tell {} what moderators do.", False: "No line tells {} what moderators do."}


# Decisions


def _decide(function, done, asked):
    function(OPERATOR, asked.number, asked.reason)
    return [done]


def _pass(function, done, asked):
    function(OPERATOR, asked.number)
    return [done]


def _about_account(function, done, asked):
    """Decide about an account. The mail to its owner is sent before the command ends."""
    function(OPERATOR, asked.number, asked.reason, known_site_url())
    is_told = mails().wait_empty(STOP_WITHIN)
    return [done] if is_told else [done, "No mail could be sent: tell the person yourself."]


# Lists


def _list_of(function, asked):
    target = targets.find(asked.target) if asked.target else None
    return function(target, asked.room_id) or ()


PLACED, REASONED = frozenset({"room"}), frozenset({"reason"})
TIMED = frozenset({"for"})
IMPOSING = PLACED | TIMED | REASONED
OF_ROOM = {"options": PLACED, "needs": PLACED}
DECIDING = {"word": "NUMBER", "options": REASONED}

ACTIONS = {
    "mute": Action(partial(_impose, moderation.mute), "TARGET", options=IMPOSING),
    "unmute": Action(partial(_end, moderation.unmute), "TARGET", options=PLACED),
    "kick": Action(partial(_impose, moderation.kick), "TARGET", options=IMPOSING),
    "ban": Action(partial(_impose, moderation.ban), "TARGET", options=IMPOSING),
    "unban": Action(partial(_end, moderation.unban), "TARGET", options=PLACED),
    "lift": Action(_lift, "NUMBER"),
    "remove": Action(_remove, "NUMBER", options=PLACED, needs=PLACED),
    "purge": Action(_purge, "TARGET", options=IMPOSING, needs=TIMED),
    "unpurge": Action(_unpurge, "NUMBER"),
    "slow": Action(_slow, "SECONDS", **OF_ROOM),
    "lock": Action(partial(_lock, True), **OF_ROOM),
    "unlock": Action(partial(_lock, False), **OF_ROOM),
    "by-request": Action(
        partial(_switch, room_rules.set_by_request, BY_REQUEST), "on|off", **OF_ROOM
    ),
    "notices": Action(partial(_switch, room_rules.set_tells, NOTICES), "on|off", **OF_ROOM),
    "handle": Action(partial(_decide, reports.handle, "The report is handled."), **DECIDING),
    "dismiss": Action(partial(_decide, reports.dismiss, "The report is dismissed."), **DECIDING),
    "release": Action(partial(_pass, holding.release, "The message is released."), "NUMBER"),
    "refuse": Action(partial(_decide, holding.refuse, "The message is refused."), **DECIDING),
    "admit": Action(partial(_pass, join_requests.admit, "The person is let in."), "NUMBER"),
    "decline": Action(
        partial(_decide, join_requests.decline, "The request is declined."), **DECIDING
    ),
    "approve": Action(
        partial(_about_account, applications.approve, "The account is approved."), **DECIDING
    ),
    "reject": Action(
        partial(_about_account, applications.reject, "The account is rejected."), **DECIDING
    ),
    "sanctions": Action(
        partial(_list_of, lists.active_sanctions), "TARGET", optional=True, options=PLACED
    ),
    "log": Action(partial(_list_of, lists.log), "TARGET", optional=True, options=PLACED),
    "addresses": Action(lambda asked: lists.addresses(targets.find(asked.target)), "TARGET"),
    "reports": Action(lambda asked: lists.reports()),
    "held": Action(lambda asked: lists.held()),
    "requests": Action(lambda asked: lists.join_requests()),
    "applications": Action(lambda asked: lists.waiting_accounts()),
}


def usage(name: str, action: Action) -> str:
    """Return how an action is written."""
    word = f" [{action.word}]" if action.optional else f" {action.word}"
    options = [
        option if option.strip("[]").split()[0][2:] in action.needs else f"[{option}]"
        for option in ("--room ROOM", "--for DURATION", "--reason TEXT")
        if option.split()[0][2:] in action.options
    ]
    return " ".join([name + word.rstrip(), *options])


def action_named(name: str, target: str, given: set[str]) -> Action:
    """Return the action of a command, which has the options that are `given`.

    Raises `Unclear` if there is none, if the command lacks something, or has something else.
    """
    if (action := ACTIONS.get(name)) is None:
        raise Unclear(f"there is no action {name!r}; manage.py moderate --help lists them")
    if (
        (action.word and not target and not action.optional)
        or (target and not action.word)
        or action.needs - given
        or given - action.options
    ):
        raise Unclear(f"write it as: manage.py moderate {usage(name, action)}")
    return action
