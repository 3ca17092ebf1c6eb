"""Rooms and access keys on a running server, for tests with and without an event loop."""

import asyncio

IMPORTS = """
from chat.accounts import access_keys
from chat.models import *
from chat.room import alteration, creation, membership
"""


def run_code(server, code):
    """Run Python on the site, with its models and the functions for rooms; return the output."""
    return server.manage("shell", "-v0", "-c", IMPORTS + code).strip()


def create_room(server, owner, name, **options):
    """Create a room of an account, given by its name, and return its id."""
    code = f"print(creation.create({_user(owner)}, {name!r}, **{options!r}).pk)"
    return int(run_code(server, code).splitlines()[-1])


def create_key(server, owner):
    """Create an access key of an account, given by its name, and return it."""
    code = f"print(access_keys.create({_user(owner)}, 'terminal'))"
    return run_code(server, code).splitlines()[-1]


def _user(name):
    return f"User.objects.get(username={name!r})"


async def manage(server, code):
    return await asyncio.to_thread(run_code, server, code)


async def make_room(server, owner, name, **options):
    return await asyncio.to_thread(create_room, server, owner.name, name, **options)


async def make_key(server, owner):
    return await asyncio.to_thread(create_key, server, owner.name)
