"""Changes rooms from a process of its own, as the shell and the admin do, one line for each change.

`python -m tests.support.room_moderation` reads JSON arrays of the name of a function in `CHANGES`
and its arguments, in which accounts are names. It prints `ready`, and answers each with its
result, null if refused.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.db import OperationalError  # noqa: E402 - these need Django set up

from chat.accounts import access_keys  # noqa: E402
from chat.models import Access, User  # noqa: E402
from chat.room import alteration, creation, membership  # noqa: E402
from chat.room.refusal import Refused  # noqa: E402


def create(owner, name, private):
    room = creation.create(account(owner), name, private=private)
    return room.pk, room.slug


def create_key(owner):
    return access_keys.create(account(owner), "terminal")


def invite(owner, room_id, name):
    membership.invite(room_id, account(name), account(owner))


def remove(owner, room_id, name):
    membership.remove(room_id, account(name), account(owner))


def set_role(owner, room_id, name, role):
    membership.set_role(room_id, account(name), role, account(owner))


def archive(owner, room_id):
    alteration.archive(room_id, account(owner))


def reopen(owner, room_id):
    alteration.reopen(room_id, account(owner))


def set_access(owner, room_id, access):
    alteration.set_access(room_id, Access(access), account(owner))


FUNCTIONS = create, create_key, invite, remove, set_role, set_access, archive, reopen
CHANGES = {function.__name__: function for function in FUNCTIONS}


def account(name):
    return User.objects.get(username=name)


def main():
    print("ready", flush=True)
    for line in sys.stdin:
        change, *arguments = json.loads(line)
        print(json.dumps(result_of(CHANGES[change], arguments)), flush=True)


def result_of(change, arguments):
    """Return the result of a change, which is tried again while the database is too busy."""
    while True:
        try:
            return change(*arguments)
        except Refused:
            return None
        except OperationalError:
            print("a change waits for the database", file=sys.stderr)


if __name__ == "__main__":
    main()
