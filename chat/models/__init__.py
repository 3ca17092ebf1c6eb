"""The database: accounts, rooms and their logs, people in rooms, processes, and security events.

Constraints in the database hold the rules that must never be broken.
"""

from chat.models.access_key import AccessKey
from chat.models.counter import Counter
from chat.models.ignored import Ignored
from chat.models.message import STORED, Access, Line, Message, MessageQuerySet, Person
from chat.models.message_version import MessageVersion
from chat.models.presence import Connection, Presence, Visit
from chat.models.process import Process
from chat.models.room import Membership, Mention, Room
from chat.models.search_index import IndexCursor, IndexedMessage
from chat.models.security_event import SecurityEvent
from chat.models.upload import Upload
from chat.models.user import AccountManager, User

__all__ = [
    "STORED",
    "Access",
    "AccessKey",
    "AccountManager",
    "Connection",
    "Counter",
    "Ignored",
    "IndexCursor",
    "IndexedMessage",
    "Line",
    "Membership",
    "Mention",
    "Message",
    "MessageQuerySet",
    "MessageVersion",
    "Person",
    "Presence",
    "Process",
    "Room",
    "SecurityEvent",
    "Upload",
    "User",
    "Visit",
]
