"""Waiting for what servers say about their health."""

import asyncio

from tests.support.health import wait_until_ready, wait_until_wrong

READY_WITHIN = 60  # seconds after a fault is over: connection pools take a while


async def until_wrong(servers, part):
    """Wait until all servers say that a part is wrong."""
    await asyncio.gather(*(asyncio.to_thread(wait_until_wrong, one, part) for one in servers))


async def until_ready(servers):
    """Wait until all servers say that they are ready."""
    await asyncio.gather(
        *(asyncio.to_thread(wait_until_ready, one, READY_WITHIN) for one in servers)
    )
