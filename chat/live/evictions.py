"""Finds members of this process whose rows are gone, and closes their connections.

Kicking, signing out and deactivating delete the row of a connection, in any process. The process
that holds the connection is told by a ring, or notices it at the next check.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from chat.accounts import sessions
from chat.live import shared_task, timing
from chat.live.database import Unavailable
from chat.live.member import CloseReason, Member
from chat.room import connections, processes, replacement

if TYPE_CHECKING:
    from chat.live.process import ServerProcess

logger = logging.getLogger(__name__)

FULL_CHECK_EVERY = 5  # checks of which one reads all rows


class Evictions:
    """Compares the members of this process with the rows of its connections."""

    def __init__(self, process: "ServerProcess") -> None:
        self._process = process
        self._checks = 0
        self._heard = False  # a connection was ended, and the rows were not read since
        self._checking: asyncio.Task[None] | None = None
        self._unclaimed: set[int] = set()  # rows of ours without a member, at the last check

    def hear(self, connection_id: int) -> None:
        """Look at the rows at once because a connection was ended, if it is one of ours."""
        if connection_id in self._process.members.by_id:
            self._heard = True
            if self._checking is None:
                self._checking = shared_task.start(self._check_heard())

    async def _check_heard(self):
        try:
            while self._heard:
                self._heard = False
                await self.check(fully=True)
        except Unavailable:
            pass  # the next regular check finds the row gone
        except Exception:
            logger.exception("Ended connections could not be looked for")
        finally:
            self._checking = None

    async def check(self, *, fully: bool = False) -> None:
        """End the members whose rows are gone, and the rows whose members are gone.

        If the number and the sum of the ids match, the rows are read only at every fifth check.
        Reading them also finds new session keys.
        """
        self._checks += 1
        fully = fully or self._checks % FULL_CHECK_EVERY == 0 or bool(self._unclaimed)
        if fully or not await self._fingerprint_matches():
            await self._compare_rows()

    async def _fingerprint_matches(self):
        process = self._process
        found = await process.database.read(connections.fingerprint, process.cluster.id)
        members = process.members.by_id
        return found == (len(members), sum(members))

    async def _compare_rows(self):
        process = self._process
        members, own_id = dict(process.members.by_id), process.cluster.id
        rows = await process.database.read(connections.session_keys, own_id)
        evicted = [member for pk, member in members.items() if pk not in rows and not member.ended]
        if evicted and not await process.database.read(processes.is_alive, own_id):
            await process.cluster.register_again(own_id)
            return
        for member in evicted:
            member.end(await self._reason(member))
        for pk in members.keys() & rows.keys():
            members[pk].session_key = rows[pk]  # changing the password gives the session a new key
        self._expire_unclaimed(set(rows) - set(members))
        await self._expire_forgotten()

    async def _reason(self, member: Member) -> CloseReason:
        if not member.session_key:
            return CloseReason.REMOVED
        user = await self._process.users.get(member.session_key)
        if user is None:
            return CloseReason.SIGN_IN
        was_replaced = await self._process.database.read(
            replacement.was_replaced, user.pk, member.id
        )
        return CloseReason.REPLACED if was_replaced else CloseReason.REMOVED

    def _expire_unclaimed(self, unclaimed: set[int]) -> None:
        """Expire rows of ours that have no member, if they had none at the last check either.

        A commit may succeed although it reported an error, or after its caller was cancelled.
        """
        process = self._process
        departures = process.members.departures
        unclaimed = {
            pk for pk in unclaimed - process.members.by_id.keys() if not departures.is_losing(pk)
        }
        for pk in unclaimed & self._unclaimed:
            departures.expire_soon(pk)
        self._unclaimed = unclaimed

    async def _expire_forgotten(self):
        """Expire lost connections of ours that no timer ends.

        A take-over may fail halfway, or succeed although it reported an error.
        """
        process = self._process
        departures = process.members.departures
        lost = await process.database.read(connections.lost_connections, process.cluster.id)
        for pk in lost:
            if not departures.is_expected(pk):
                departures.expire_later(pk, timing.GRACE + timing.RETURN_WITHIN)

    async def end_without_session(self) -> None:
        """Close connections whose session has ended, and let their members return if they may.

        A session may have expired, or the code that ended it may have failed before it ended the
        connections. It may also go on under a new key, which Django gives it when the site's secret
        key has changed.
        """
        members = self._process.members.by_id
        keys = sorted({member.session_key for member in members.values()} - {""})
        for start in range(0, len(keys), sessions.MAX_KEYS_AT_ONCE):
            part = keys[start : start + sessions.MAX_KEYS_AT_ONCE]
            signed_out = await self._process.database.read(sessions.not_signed_in, part)
            for member in list(members.values()):
                if member.session_key in signed_out:
                    member.end(CloseReason.RESTART)
