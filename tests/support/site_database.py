"""The contents of a site's database, read without any of the site's own code."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import psycopg

SQLITE_TIMEOUT = 30  # seconds to wait for a lock
LOBBY = "(SELECT min(id) FROM chat_room)"


class SavedLine(NamedTuple):
    """A line as the database has it, with the fields that are compared."""

    seq: int
    kind: str
    name: str
    text: str
    client_id: str | None
    guest: bool
    of: int | None

    @classmethod
    def from_frame(cls, line):
        """Return the same for a line that a member has received."""
        return cls(**{field: line[field] for field in cls._fields})


class SavedMessage(NamedTuple):
    """A message as everybody sees it now, and the texts that it has had, the first one first.

    `reactions` is {emoji: names}. A reply has the `seq` of the message that it is `of`.
    """

    name: str
    texts: tuple[str, ...]
    removed: bool
    edited: bool
    reactions: dict[str, list[str]]
    of: int | None
    was_removed: bool = False  # at some time


class SavedLog(list):
    """A log as a list of `SavedLine`, whose messages have the texts that were said first.

    `messages` is {seq: `SavedMessage`}. `forms` is for what is computed for lines once.
    """

    def __init__(self, lines, messages):
        super().__init__(lines)
        self.messages = messages
        self.forms = {}


class SavedRoom(NamedTuple):
    """A room as the database has it."""

    id: int
    slug: str
    kind: str
    topic: str
    archived: bool
    last_seq: int


class SavedMember(NamedTuple):
    """The membership of an account, by its name."""

    room_id: int
    name: str
    role: str
    read_seq: int
    hidden: bool


class SiteDatabase:
    """The database at a URL. Methods without a room are about the lobby."""

    def __init__(self, url):
        self.url = url
        self.path = url.removeprefix("sqlite:///")

    def query(self, statement):
        """Return the rows of a statement."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.path, timeout=SQLITE_TIMEOUT)) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def write(self, *statements):
        """Run statements in one transaction."""
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.path, timeout=SQLITE_TIMEOUT)
        else:
            connection = psycopg.connect(self.url)
        with closing(connection):
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    # Logs

    def lines(self, room_id=LOBBY):
        """Return the log of a room as a `SavedLog`."""
        rows = self.query(
            'SELECT seq, kind, name, text, client_id, guest, "of", removed, edited, reactions'
            f" FROM chat_message WHERE room_id = {room_id} ORDER BY seq, id"
        )
        earlier = self._earlier_texts(room_id)
        gone = {of for _, kind, *_, of, _, _, _ in rows if kind == "removed"}
        lines, messages = [], {}
        for seq, kind, name, text, client_id, guest, of, removed, edited, reactions in rows:
            texts = (*earlier.get(seq, ()), text)
            if kind == "said":
                found = json.loads(reactions) if isinstance(reactions, str) else reactions
                is_edited, was_removed = edited is not None, seq in gone
                messages[seq] = SavedMessage(
                    name, texts, bool(removed), is_edited, found or {}, of, was_removed
                )
            lines.append(
                SavedLine(
                    seq=seq,
                    kind=kind,
                    name=name,
                    text=texts[0],
                    client_id=client_id and str(UUID(str(client_id))),
                    guest=bool(guest),
                    of=of,
                )
            )
        return SavedLog(lines, messages)

    def _earlier_texts(self, room_id):
        """Return {seq: texts} of the versions before edits, the first one first."""
        texts = {}
        for seq, text in self.query(
            f"SELECT seq, text FROM chat_messageversion WHERE room_id = {room_id}"
            " ORDER BY seq, number"
        ):
            texts.setdefault(seq, []).append(text)
        return texts

    def times(self, room_id=LOBBY):
        """Return the times of a room's lines in seconds since 1970, in their order."""
        rows = self.query(f"SELECT at FROM chat_message WHERE room_id = {room_id} ORDER BY seq, id")
        return [_seconds(at) for (at,) in rows]

    def last_seq(self):
        """Return the counter of the lobby."""
        ((last_seq,),) = self.query(f"SELECT last_seq FROM chat_room WHERE id = {LOBBY}")
        return last_seq

    # Rooms

    def room_id(self):
        ((room_id,),) = self.query(f"SELECT {LOBBY}")
        return room_id

    def other_rooms(self):
        """Return {id: `SavedRoom`} of all rooms besides the lobby."""
        rows = self.query(
            "SELECT id, slug, kind, topic, archived, last_seq FROM chat_room"
            f" WHERE id > {LOBBY} ORDER BY id"
        )
        rooms = (SavedRoom(*row) for row in rows)
        return {room.id: room._replace(archived=bool(room.archived)) for room in rooms}

    def members(self):
        """Return all memberships, also those of the lobby."""
        rows = self.query(
            "SELECT m.room_id, u.username, m.role, m.read_seq, m.hidden"
            " FROM chat_membership m JOIN chat_user u ON u.id = m.user_id ORDER BY m.id"
        )
        members = (SavedMember(*row) for row in rows)
        return [member._replace(hidden=bool(member.hidden)) for member in members]

    # People

    def people(self):
        """Return the names in the table of presence, in the order of entering."""
        return [name for (name,) in self.query("SELECT name FROM chat_presence ORDER BY entered")]

    def connected_names(self):
        """Return a name for each connection, without those that are lost and may come back."""
        rows = self.query(
            "SELECT name FROM chat_presence p JOIN chat_connection c ON c.presence_id = p.id"
            " WHERE NOT c.lost"
        )
        return [name for (name,) in rows]


def _seconds(at):
    if isinstance(at, str):  # SQLite
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return at.timestamp()
