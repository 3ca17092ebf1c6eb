"""The promises of a whole scenario, for scenarios whose single steps are not compared."""

from tests.conformance.data import to_bytes, to_text


def describe_broken(promises, audience):
    """Return a sentence for each promise that is not kept."""
    return [
        f"{promise}: received {to_text(audience.everything(promise.get('client')))!r}"
        for promise in promises
        if not is_kept(promise, audience)
    ]


def is_kept(promise, audience):
    if "crowd_at_least" in promise:
        greeted = sum(client.received == b"Connect Success" for client in audience.crowd)
        return greeted >= promise["crowd_at_least"]
    name = promise["client"]
    received = audience.everything(name)
    client = audience.clients.get(name)
    is_open = client is not None and client.is_open
    return (
        to_bytes(promise.get("has", "")) in received
        and ("lacks" not in promise or to_bytes(promise["lacks"]) not in received)
        and ("is" not in promise or to_bytes(promise["is"]) == received)
        and is_in_order(promise.get("order", []), received)
        and promise.get("open", is_open) == is_open
    )


def is_in_order(texts, received):
    """Return whether the received ones of `texts` came in this order."""
    places = [received.find(to_bytes(text)) for text in texts]
    places = [place for place in places if place >= 0]
    return places == sorted(places)
