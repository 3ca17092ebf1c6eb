"""The admin site, where staff manage accounts, rooms, messages and presence.

It holds no rules: `chat.accounts` and `chat.room` make the changes.
"""

from chat.admin import groups, messages, presence, rooms, site, users

__all__ = ["groups", "messages", "presence", "rooms", "site", "users"]
