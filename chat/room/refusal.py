"""The exception for a request that makes sense but is not allowed."""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a request was refused; callers branch on it."""

    NAME_TAKEN = "taken"  # the name belongs to somebody else, or nobody may have it
    NAME_EMPTY = "empty"  # nothing in the name is visible
    NOT_IN_ROOM = "gone"  # the connection or the account no longer exists
    OWN_RIGHTS = "own_rights"  # administrators would lock themselves out
    LAST_ADMINISTRATOR = "last_administrator"  # nobody could administrate the site any more


class Refused(Exception):
    """A request was refused; `code` says why.

    Functions that serve many requests at once return it in the place of a result, so that one
    refusal does not roll back the other requests. All other functions raise it.
    """

    def __init__(self, code: RefusalCode):
        super().__init__(code)
        self.code = code
