"""The database: accounts, rooms and their logs, people, processes, moderation, security events.

Constraints in the database hold the rules that must never be broken.
"""

from chat.models.access_key import AccessKey
from chat.models.counter import Counter
from chat.models.ignored import Ignored
from chat.models.message import STORED, Access, Line, Message, MessageQuerySet, Person, Rule
from chat.models.message_version import MessageVersion
from chat.models.moderation import ModerationEntry, Muted, PurgedMessage, Sanction, SeenAddress
from chat.models.presence import Connection, Presence, Visit
from chat.models.process import Process
from chat.models.room import Membership, Mention, Room
from chat.models.search_index import IndexCursor, IndexedMessage
from chat.models.security_event import SecurityEvent
from chat.models.sign_up import Application, Invitation
from chat.models.upload import Upload
from chat.models.user import AccountManager, User
from chat.models.waiting import HeldMessage, JoinRequest, Report

__all__ = [
    "STORED",
    "Access",
    "AccessKey",
    "AccountManager",
    "Application",
    "Connection",
    "Counter",
    "HeldMessage",
    "Ignored",
    "IndexCursor",
    "IndexedMessage",
    "Invitation",
    "JoinRequest",
    "Line",
    "Membership",
    "Mention",
    "Message",
    "MessageQuerySet",
    "MessageVersion",
    "ModerationEntry",
    "Muted",
    "Person",
    "Presence",
    "Process",
    "PurgedMessage",
    "Report",
    "Room",
    "Rule",
    "Sanction",
    "SecurityEvent",
    "SeenAddress",
    "Upload",
    "User",
    "Visit",
]
