"""The admin site, where staff manage accounts, rooms, messages and presence, and read events.

It holds no rules: `chat.accounts` and `chat.room` make the changes.
"""

from chat.admin import events, groups, memberships, messages, presence, rooms, site, uploads, users

__all__ = [
    "events",
    "groups",
    "memberships",
    "messages",
    "presence",
    "rooms",
    "site",
    "uploads",
    "users",
]
