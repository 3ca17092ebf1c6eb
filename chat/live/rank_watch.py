"""Finds accounts on this process that have become moderators of the site or are none any more."""

from chat.live.accounts_here import AccountsHere
from chat.live.database import Database
from chat.live.pacing import Pacing
from chat.live.room_watch import RoomWatch
from chat.live.rooms import Rooms
from chat.room import roles


class RankWatch:
    """Compares regularly what the members here were told with what they may do.

    Staff and other programs change accounts and groups, which no line of a room says, so that
    nothing rings. Roles in rooms have lines.
    """

    def __init__(self, database: Database, rooms: Rooms, watch: RoomWatch) -> None:
        self._database = database
        self._rooms = rooms
        self._watch = watch
        self._pacing = Pacing()

    async def look(self) -> None:
        """Read the rooms of those again who have another rank. Raises `Unavailable`."""
        await self._pacing.run(self.compare)

    async def compare(self) -> None:
        """Do the same without a pause after the look before."""
        accounts = self._watch.accounts
        if not (user_ids := accounts.user_ids()):
            return
        moderators = await self._database.read(roles.all_site_moderators)
        for user_id in user_ids:
            if self._knows_rank(accounts, user_id) not in (None, user_id in moderators):
                self._watch.refresh(user_id)

    def _knows_rank(self, accounts: AccountsHere, user_id: int) -> bool | None:
        """Return whether clients were told that an account moderates the site; None: nothing."""
        if user_id not in accounts:
            return None
        lobby = accounts.rooms_of(user_id).get(self._rooms.lobby.pk)
        return None if lobby is None else lobby.may_ban
