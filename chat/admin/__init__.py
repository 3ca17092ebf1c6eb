"""The admin site, where staff manage accounts, rooms, messages and presence, and moderate.

It holds no rules: `chat.accounts` and `chat.room` make the changes.
"""

from chat.admin import (
    events,
    groups,
    memberships,
    messages,
    moderation_log,
    presence,
    rooms,
    sanctions,
    seen_addresses,
    sign_up,
    site,
    uploads,
    users,
    waiting,
)

__all__ = [
    "events",
    "groups",
    "memberships",
    "messages",
    "moderation_log",
    "presence",
    "rooms",
    "sanctions",
    "seen_addresses",
    "sign_up",
    "site",
    "uploads",
    "users",
    "waiting",
]
