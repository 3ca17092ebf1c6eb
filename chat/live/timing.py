"""The times of the live layer, in seconds. Tests shorten them through the setting `LIVE_TIMING`."""

from django.conf import settings

POLL = 1  # between looks at the rooms' counters and at our own connections
WATCH = 0.25  # from a ring to the look at the room, which then serves all rings since
ACTIVITY = 1  # between two notices of new messages in a room that is not open
SAVE_READ = 0.25  # from the first read position to the statement that saves all since
INDEX = 0.25  # between looks for messages that are not in the index of the search
TAIL_UNUSED = 60  # without anybody who follows a room, until its lines leave the memory
BEAT = 5  # between heartbeats
LOOK = 1  # between looks at the health of this process
LOOK_WITHIN = 3  # for one look at the database or the bus
LOOK_STALE = 10  # after a look, until its result does not count any more
STUCK = 30  # without any look, until this process should be replaced
CHECK_SESSIONS = 60  # between checks of the login sessions behind our connections
STORE_EVENTS = 1  # between looks for security events that are to be stored
DELETE_EVENTS = 60  # between looks for security events that are too old
STORE_ADDRESSES = 5  # from an entry to the statement that stores the addresses of all since
LOOK_AT_ADDRESSES = 3600  # between looks for addresses that are too old
DELETE_DECIDED = 3600  # between looks for reports and held messages that were decided long ago
DELETE_FILES = 60  # between looks for files whose time has come
DEAD = 20  # without a change of its heartbeat, by our own clock, until a process is declared dead
GRACE = 10  # for which a lost web connection keeps its member's place
RETURN_WITHIN = 10  # over which the returns of members after a stop are spread, at most
CLOSE_WITHIN = 3  # that sockets have to close when the process stops
DRAIN_WITHIN = 2  # that a client has to read what was sent when the process stops
BLOCKED_TOO_LONG = 30  # without reading, until a client is disconnected
ANSWER_WITHIN = 5.5  # for a database call; the database's own timeouts end sooner, unless it hangs


def _shorten(times):
    """Apply `LIVE_TIMING`, a dict such as `{"GRACE": 0.5}`. Unknown names are errors."""
    unknown = set(times) - {name for name in globals() if name.isupper()}
    if unknown:
        raise ValueError(f"LIVE_TIMING has unknown names: {', '.join(sorted(unknown))}")
    globals().update(times)


_shorten(getattr(settings, "LIVE_TIMING", {}))
