"""The time that lines take from their speakers to members that listen."""

from math import inf


def listen(crowd, *servers):
    """Let one member of each server note when lines arrive, and return these members.

    Without `servers` it is one of each server of the site.
    """
    listeners = [
        next(member for member in crowd.members if member.place is server)
        for server in servers or crowd.site.servers
    ]
    for listener in listeners:
        listener.received.arrivals = {}
    return listeners


def line_times(crowd, listeners, since, before=inf, *, elsewhere=False):
    """Return the seconds from saying to arriving, for messages that were said in a span of time.

    A listener's own messages do not count. With `elsewhere` only messages that were said on
    another server than the listener's do.
    """
    heard = _heard(crowd, listeners, since, before, elsewhere)
    return [arrived - message.said_at for message, arrived in heard]


def bus_times(crowd, listeners, since, before=inf):
    """Return the seconds from a line's arriving at its speaker to its arriving elsewhere.

    The time that it takes to save a message is not part of them.
    """
    heard = _heard(crowd, listeners, since, before, elsewhere=True)
    return [
        arrived - message.acknowledged_at for message, arrived in heard if message.acknowledged_at
    ]


def _heard(crowd, listeners, since, before, elsewhere):
    """Yield (`SentMessage`, time of arrival) for each listener and message."""
    for listener in listeners:
        messages = {
            message.client_id or message.text: message
            for person in crowd.everybody
            if person is not listener and not (elsewhere and person.place is listener.place)
            for message in person.ledger.values()
            if since <= message.said_at < before
        }
        arrivals = listener.received.arrivals
        for line in listener.received.lines:
            key = line["client_id"] or line["text"]
            if key in messages and line["seq"] in arrivals:
                yield messages[key], arrivals[line["seq"]]
