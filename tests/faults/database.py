"""The contents of a scenario's database, read without any of the site's own code."""

import sqlite3
from contextlib import closing
from typing import NamedTuple
from uuid import UUID

import psycopg

SQLITE_TIMEOUT = 30  # seconds to wait for a lock


class SavedLine(NamedTuple):
    """A line as the database has it, with the fields that the judge compares."""

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


class SiteDatabase:
    """The database at a URL."""

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

    def lines(self):
        """Return the log of the room as a list of `SavedLine`."""
        rows = self.query(
            'SELECT seq, kind, name, text, client_id, guest, "of" FROM chat_message'
            " ORDER BY seq, id"
        )
        return [
            SavedLine(
                seq=seq,
                kind=kind,
                name=name,
                text=text,
                client_id=client_id and str(UUID(str(client_id))),
                guest=bool(guest),
                of=of,
            )
            for seq, kind, name, text, client_id, guest, of in rows
        ]

    def last_seq(self):
        """Return the room's counter."""
        ((last_seq,),) = self.query("SELECT last_seq FROM chat_room")
        return last_seq

    def room_id(self):
        ((room_id,),) = self.query("SELECT id FROM chat_room")
        return room_id

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
