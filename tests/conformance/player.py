"""Plays a recorded conversation against the legacy port and compares what each client receives.

A scenario is a list of steps. Each step is an action of one client or of several. What all clients
receive after it is compared with a transcript.
"""

import socket
import time

from tests.conformance.audience import QUIET_AFTER, Audience
from tests.conformance.client import Client
from tests.conformance.data import to_bytes
from tests.conformance.promises import describe_broken, is_kept
from tests.support.waiting import PATIENCE

SILENCE = 0.06  # seconds without data where none is expected
REACTION = 0.3  # seconds within which a server reacts, where the reaction is not known


class Different(AssertionError):
    """The server sent something else than the transcript says."""


class Player:
    """Plays one scenario against a server."""

    def __init__(self, server):
        self.server = server
        self.audience = Audience()
        self.frozen = False  # whether the server is suspended

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.audience.close()

    def play(self, steps, expected=None, promises=()):
        """Play all steps; raise `Different` at the first that is not as `expected`.

        Without `expected`, nothing is compared; see `broken_promises`. What must come before the
        last words of a promised order is then waited for in steps that only wait.
        """
        for number, step in enumerate(steps):
            self.act(step)
            if not step.get("wait", True) or self.frozen or step["do"] == "deaf":
                continue
            if expected is None:
                self._wait_for_reaction(step, earlier_of(promises))
            else:
                self._wait_for(expected[number].get("got", {}), step, number)
            self.audience.end_step()

    def act(self, step):
        """Do what the step says, for each of its clients."""
        names = step.get("clients") or [step.get("client")]
        for name in names:
            ACTIONS[step["do"]](self, name, step)

    def broken_promises(self, promises):
        """Return what does not hold of a list of promises about the whole scenario, in words."""
        self.audience.listen(
            QUIET_AFTER, lambda: not describe_broken(promises, self.audience), PATIENCE
        )
        self.audience.end_step()
        return describe_broken(promises, self.audience)

    def _wait_for(self, wanted, step, number):
        quiet = silence_after(step) if step["do"] == "quiet" or not wanted else QUIET_AFTER
        if not self.audience.listen(quiet, lambda: self.audience.news() == wanted, PATIENCE):
            received = self.audience.news()
            raise Different(f"step {number}: {step}\nexpected: {wanted}\nreceived: {received}")

    def _wait_for_reaction(self, step, earlier):
        soon = time.monotonic() + REACTION
        asker = self.audience.clients[step["client"]] if is_answered(step) else None

        def has_reacted():
            if asker is not None:
                return asker.has_news or not asker.is_open
            if step["do"] == "quiet" and not all(is_kept(one, self.audience) for one in earlier):
                return False
            return time.monotonic() > soon or any(c.has_news for c in self.audience.everybody)

        self.audience.listen(silence_after(step), has_reacted, PATIENCE)


def silence_after(step):
    return step["ms"] / 1000 if "ms" in step else SILENCE


def is_answered(step):
    """Return whether a server that is well answers the client of a step."""
    return step["do"] == "connect" or str(step.get("data")).startswith("login ")


def earlier_of(promises):
    """Return the promises of texts that stand before the last one of a promised order."""
    earlier = {
        (promise["client"], text) for promise in promises for text in promise.get("order", [])[:-1]
    }
    return [one for one in promises if (one.get("client"), one.get("has")) in earlier]


def connect(player, name, step):
    player.audience.clients[name] = Client(player.server.legacy_address)


def connect_crowd(player, name, step):
    address = player.server.legacy_address
    player.audience.crowd = [Client(address) for _ in range(step["count"])]


def send(player, name, step):
    flags = socket.MSG_OOB if step.get("oob") else 0
    for number, part in enumerate(step.get("parts", [step.get("data", "")])):
        if number:
            # Only time makes separate TCP segments; there is no condition to wait for.
            time.sleep(step.get("gap_ms", 30) / 1000)
        player.audience.clients[name].send(to_bytes(part), flags)


def be_quiet(player, name, step):
    """Every step waits for silence; this one only waits longer."""


def close(player, name, step):
    player.audience.clients[name].close()


def reset(player, name, step):
    player.audience.clients[name].close(reset=True)


def half_close(player, name, step):
    player.audience.clients[name].half_close()


def stop_reading(player, name, step):
    player.audience.clients[name].deaf = True


def freeze(player, name, step):
    player.server.freeze()
    player.frozen = True


def thaw(player, name, step):
    player.server.thaw()
    player.frozen = False


ACTIONS = {
    "connect": connect,
    "crowd": connect_crowd,
    "send": send,
    "quiet": be_quiet,
    "close": close,
    "reset": reset,
    "halfclose": half_close,
    "deaf": stop_reading,
    "freeze": freeze,
    "thaw": thaw,
}
