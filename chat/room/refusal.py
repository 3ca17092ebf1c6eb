"""The exception for a request that makes sense but is not allowed."""

from datetime import datetime
from enum import StrEnum


class RefusalCode(StrEnum):
    """The reasons for which requests are refused; callers branch on them."""

    NAME_TAKEN = "taken"  # the name belongs to somebody else, or nobody may have it
    NAME_EMPTY = "empty"  # nothing in the name is visible
    NOT_IN_ROOM = "gone"  # the connection or the account no longer exists
    REPLACED = "replaced"  # newer connections of the account have taken its places
    NO_SUCH_ROOM = "no_such_room"  # or one that must not be found by the person who asks
    NO_SUCH_PERSON = "no_such_person"  # nobody has the name
    NO_SUCH_MESSAGE = "no_such_message"  # or it was removed
    TOO_LATE = "too_late"  # to edit a message, or to restore it
    TOO_MANY_EDITS = "too_many_edits"  # of one message
    TOO_MANY_REACTIONS = "too_many_reactions"  # to one message
    NOT_ALLOWED = "not_allowed"
    NOT_JOINED = "not_joined"  # only those who are in the room may do it
    TOO_MANY_ROOMS = "too_many_rooms"
    TOO_MANY_CREATED = "too_many_created"  # rooms, in the last hour
    BAD_NAME = "bad_name"  # of a room: empty, too long, or misleading
    TOO_MANY_IGNORED = "too_many_ignored"  # people on the list of somebody
    TOO_LONG = "too_long"  # a topic, or a reason
    ARCHIVED = "archived"
    NO_SUCH_FILE = "no_such_file"  # or one of somebody else, of another room, or that was said
    FILE_TOO_LARGE = "file_too_large"
    EMPTY_FILE = "empty_file"
    TOO_MANY_FILES = "too_many_files"  # of the account, in the last day
    STORAGE_FULL = "storage_full"  # the files of all people together
    MUTED = "muted"
    BANNED = "banned"  # from the site or the room, for good or for a while
    TOO_MANY_HELD = "too_many_held"  # messages that wait for a moderator
    LOCKED = "locked"  # only moderators may speak in the room
    TOO_SOON = "too_soon"  # in slow mode, or another report
    ASK_FIRST = "ask_first"  # moderators decide who may join the room
    BAD_TARGET = "bad_target"  # neither a name nor an address or a network
    BAD_DURATION = "bad_duration"
    NO_SUCH_ENTRY = "no_such_entry"  # a sanction, report or held message that is not there
    DECIDED = "decided"  # somebody else has decided about it meanwhile
    LAST_OWNER = "last_owner"  # nobody could change the room any more
    OWN_RIGHTS = "own_rights"  # administrators would lock themselves out
    LAST_ADMINISTRATOR = "last_administrator"  # nobody could administrate the site any more


class Refused(Exception):
    """A request was refused; `code` says why.

    A sanction also has the time at which it ends, if it does, and the reason that was given. `wait`
    is the number of seconds after which the request can be made again.

    Functions that serve many requests at once return it in the place of a result, so that one
    refusal does not roll back the other requests. All other functions raise it.
    """

    def __init__(
        self,
        code: RefusalCode,
        *,
        until: datetime | None = None,
        reason: str = "",
        wait: float | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.until = until
        self.reason = reason
        self.wait = wait
