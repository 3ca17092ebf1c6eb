"""The database: accounts, rooms and their logs, people in rooms, and server processes.

Constraints in the database hold the rules that must never be broken.
"""

from chat.models.message import Line, Message, MessageQuerySet, Person
from chat.models.presence import Connection, Presence
from chat.models.process import Process
from chat.models.room import Room
from chat.models.user import AccountManager, User

__all__ = [
    "AccountManager",
    "Connection",
    "Line",
    "Message",
    "MessageQuerySet",
    "Person",
    "Presence",
    "Process",
    "Room",
    "User",
]
