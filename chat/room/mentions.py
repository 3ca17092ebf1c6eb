"""Mentions: which accounts a message names, decided when it is said or edited.

A name mentions an account that may read the room. `@room` mentions all members, as one row, if a
moderator says it. A reply mentions the author of the message that it replies to. Other messages
without a sign cost nothing.
"""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import connection
from django.db.models import OuterRef

from chat.markup.parsing import Markup
from chat.markup.spans import MENTION, Span
from chat.models import Line, Mention, Message, Room, User
from chat.names import mentions as names
from chat.names.keys import key_of
from chat.names.mentions import everybody_key
from chat.room import asked, ignoring, roles
from chat.room.access import Reader, allows_to_read, readable_sql
from chat.room.asked import PAIRS
from chat.room.log import MESSAGE_TABLE, ROOM_TABLE
from chat.room.unread import MEMBERSHIP_TABLE, MENTION_TABLE

USER_TABLE = User._meta.db_table
LARGEST = 2**63 - 1  # beyond every id


class Writing(NamedTuple):
    """The text of a new or edited message, by its markup: where it is, and who writes it."""

    room_id: int
    author_id: int | None
    markup: Markup


class Account(NamedTuple):
    """An account that a message names; without `user_id` it stands for all members."""

    user_id: int | None
    is_member: bool
    name: str


EVERYBODY = Account(None, is_member=False, name=names.EVERYBODY)


class Named(NamedTuple):
    """A name in a message, and the account that it means."""

    span: Span
    account: Account


class Mentioning(NamedTuple):
    """A saved message that names accounts, or replies to one of the account `replied_to`."""

    room_id: int
    seq: int
    author_id: int | None
    accounts: Collection[Account]
    replied_to: int | None = None


class Mentioned(NamedTuple):
    """A message that mentions somebody; `id` is that of the mention, for reading earlier ones."""

    id: int
    room: Room
    line: Line


NAMED = asked.table("named", "room_id", "key", texts=["key"])
# PostgreSQL keeps the rows of the accounts until the message is saved, so that none of them is
# deleted meanwhile.
KEPT = {"postgresql": "FOR KEY SHARE OF account", "sqlite": ""}
ACCOUNTS = f"""
    SELECT named.room_id, named.key, account.id, membership.id IS NOT NULL, account.username
    FROM {{named}}
    JOIN {ROOM_TABLE} AS room ON room.id = named.room_id
    JOIN {USER_TABLE} AS account ON account.key = named.key AND account.is_active
    LEFT JOIN {MEMBERSHIP_TABLE} AS membership
        ON membership.room_id = named.room_id AND membership.user_id = account.id
    WHERE {readable_sql("account.id")} {{kept}}
"""
REPLIED_TO = f"""
    SELECT asked.room_id, account.id, membership.id IS NOT NULL, account.username
    FROM {{asked}}
    JOIN {ROOM_TABLE} AS room ON room.id = asked.room_id
    JOIN {USER_TABLE} AS account ON account.id = asked.user_id AND account.is_active
    LEFT JOIN {MEMBERSHIP_TABLE} AS membership
        ON membership.room_id = asked.room_id AND membership.user_id = account.id
    WHERE {readable_sql("account.id")} {{kept}}
"""


def find(writings: Sequence[Writing]) -> list[list[Named]]:
    """Return for each text the accounts that it names, in the order of the text."""
    if not any(writing.markup.people for writing in writings):
        return [[] for _ in writings]
    accounts = _accounts(writings)
    moderating = _moderating(writings)
    return [
        _named(writing, accounts, (writing.author_id, writing.room_id) in moderating)
        for writing in writings
    ]


def _accounts(writings):
    """Return {(room id, key): account} of the accounts that may read the room."""
    names = {(writing.room_id, key) for writing in writings for key in _keys(writing)}
    statement = ACCOUNTS.format(named=NAMED[connection.vendor], kept=KEPT[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.arguments(names))
        return {
            (room_id, key): Account(user_id, bool(is_member), name)
            for room_id, key, user_id, is_member, name in cursor.fetchall()
        }


def _moderating(writings):
    """Return the (account, room id) of the texts with `@room` that moderators have written."""
    pairs = {
        (writing.author_id, writing.room_id)
        for writing in writings
        if everybody_key() in _keys(writing)
    }
    return roles.moderating(pairs) if pairs else set()


def _keys(writing):
    return {key for sign in writing.markup.people for _, key in sign.names}


def _named(writing, accounts, may_name_all):
    """Return the accounts that the signs of a text name. The longest name of each counts."""
    found = []
    for sign in writing.markup.people:
        for end, key in sign.names:
            account = accounts.get((writing.room_id, key))
            if key == everybody_key():
                account = EVERYBODY if may_name_all else None
            if account is not None:
                found.append(Named(Span(sign.start, end, MENTION, account.name), account))
            if account is not None or key == everybody_key():
                break
    return found


def save(messages: Sequence[Mentioning], joined: Collection[tuple[int, int]] = ()) -> None:
    """Insert the mentions of new messages, whose rooms are locked.

    `joined` are the (account, room id) of those who have become members in this transaction.
    """
    _insert(_mentioned(messages, joined))


def replace(messages: Sequence[Mentioning]) -> None:
    """Insert and delete mentions of messages that have changed, whose rooms are locked.

    Those that stay keep their rows, so that they are as old as before.
    """
    wanted = _mentioned(messages)
    rows = Mention.objects.none()
    for message in messages:
        rows |= Mention.objects.filter(room=message.room_id, seq=message.seq)
    present = {(each.room_id, each.seq, each.user_id): each.pk for each in rows}
    Mention.objects.filter(pk__in=[present[key] for key in present.keys() - wanted]).delete()
    _insert(wanted - present.keys())


def _mentioned(messages, joined=()):
    """Return the (room id, number, account) of the mentions in messages."""
    replied_to = _replied_to(messages)
    found = set()
    for message in messages:
        accounts = {*message.accounts, replied_to.get((message.room_id, message.replied_to))}
        for account in accounts - {None}:
            is_member = account.is_member or (account.user_id, message.room_id) in joined
            is_told = is_member and EVERYBODY in message.accounts
            if account.user_id != message.author_id and not is_told:
                found.add((message.room_id, message.seq, account.user_id))
    return _without_ignored(found, messages)


def _without_ignored(found, messages):
    """Return the mentions of those accounts that do not ignore the author."""
    authors = {(message.room_id, message.seq): message.author_id for message in messages}
    pairs = {mention: (mention[2], authors[mention[:2]]) for mention in found}
    silent = ignoring.ignoring({pair for pair in pairs.values() if None not in pair})
    return {mention for mention, pair in pairs.items() if pair not in silent}


def _replied_to(messages):
    """Return {(room id, user id): account} of those who are replied to and may read the room."""
    pairs = {
        (message.replied_to, message.room_id)
        for message in messages
        if message.replied_to is not None
    }
    if not pairs:
        return {}
    statement = REPLIED_TO.format(asked=PAIRS[connection.vendor], kept=KEPT[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.arguments(pairs))
        return {
            (room_id, user_id): Account(user_id, bool(is_member), name)
            for room_id, user_id, is_member, name in cursor.fetchall()
        }


def _insert(mentioned):
    if mentioned:
        rows = sorted(mentioned, key=lambda mention: (*mention[:2], mention[2] or 0))
        Mention.objects.bulk_create(
            Mention(room_id=room_id, seq=seq, user_id=user_id) for room_id, seq, user_id in rows
        )


def forget(room_id: int, seqs: Sequence[int]) -> None:
    """Delete the mentions of messages that are removed."""
    Mention.objects.filter(room=room_id, seq__in=seqs).delete()


# Reading

LOOKED_AT = 1_000  # mentions in one statement, for accounts that ignore somebody
# Both parts end early by the index of an account's newest mentions; `@room` is rare.
NEWEST = f"""
    SELECT found.id, said.id, said.name FROM (
        SELECT * FROM (
            SELECT mention.id, mention.room_id, mention.seq FROM {MENTION_TABLE} AS mention
            JOIN {ROOM_TABLE} AS room ON room.id = mention.room_id
            LEFT JOIN {MEMBERSHIP_TABLE} AS membership
                ON membership.room_id = room.id AND membership.user_id = mention.user_id
            WHERE mention.user_id = %s AND mention.id < %s
                AND {readable_sql("mention.user_id")}
            ORDER BY mention.id DESC LIMIT %s
        ) AS own
        UNION ALL
        SELECT * FROM (
            SELECT mention.id, mention.room_id, mention.seq FROM {MENTION_TABLE} AS mention
            JOIN {MEMBERSHIP_TABLE} AS membership
                ON membership.room_id = mention.room_id AND membership.user_id = %s
            JOIN {MESSAGE_TABLE} AS said
                ON said.room_id = mention.room_id AND said.seq = mention.seq
            WHERE mention.user_id IS NULL AND mention.id < %s AND said.at >= membership.since
                AND (said.author_id IS NULL OR said.author_id <> membership.user_id)
            ORDER BY mention.id DESC LIMIT %s
        ) AS common
    ) AS found
    JOIN {MESSAGE_TABLE} AS said ON said.room_id = found.room_id AND said.seq = found.seq
    ORDER BY found.id DESC LIMIT %s
"""


def newest(user_id: int, limit: int, before: int = LARGEST) -> list[Mentioned]:
    """Return the newest messages that mention an account in rooms that it may read, newest first.

    Those of people whom it ignores are left out. `before` is the `id` of the last one that is
    known.
    """
    found = list(islice(_heard(user_id, limit, before), limit))
    # The account may have lost a room since the statement above.
    readable = Message.objects.filter(allows_to_read(OuterRef("room"), Reader(user_id)))
    messages = readable.select_related("room").in_bulk([pk for _, pk in found])
    return [
        Mentioned(pk, messages[message_id].room, messages[message_id].line)
        for pk, message_id in found
        if message_id in messages
    ]


def _heard(user_id, limit, before):
    """Yield (mention, message) of people whom an account does not ignore, newest first."""
    keys = ignoring.of_account(user_id)
    at_once = LOOKED_AT if keys else limit
    while True:
        part = [user_id, before, at_once]
        with connection.cursor() as cursor:
            cursor.execute(NEWEST, [*part, *part, at_once])
            found = cursor.fetchall()
        yield from ((pk, message_id) for pk, message_id, name in found if key_of(name) not in keys)
        if len(found) < at_once:
            return
        before = found[-1][0]
