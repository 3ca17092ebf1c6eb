"""The legacy port answers every recorded conversation byte for byte.

`golden/` has what the original server sent. Where this site differs on purpose, `expected/` has
what is sent instead, written by hand, and names the differences; chat/wire/README.md lists them.
Scenarios about faults of the original are not compared byte by byte. They have promises, and the
server must survive them.
"""

import json
import resource
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.conformance.client import Client
from tests.conformance.player import Player
from tests.support.commands import assert_no_traceback
from tests.support.servers import KINDS, Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
DESCRIPTORS = 4096  # of the tests: a scenario has more than a thousand clients


def load(folder, name):
    return json.loads((HERE / folder / f"{name}.json").read_text(encoding="utf-8"))


def names_in(folder):
    return sorted(path.stem for path in (HERE / folder).glob("*.json"))


def needs_its_own_server(scenario):
    return "server" in scenario or any(step["do"] == "freeze" for step in scenario["steps"])


def transcript(name):
    """Return what must be received at each step, or None when only the promises count."""
    if name in DIFFERENT:
        steps = load("expected", name)["steps"]
    elif "fault" in SCENARIOS[name]:
        steps = None
    else:
        steps = load("golden", name)["steps"]
    return steps


SCENARIOS = {name: load("scenarios", name) for name in names_in("scenarios")}
DIFFERENT = names_in("expected")
OWN = [name for name, scenario in SCENARIOS.items() if needs_its_own_server(scenario)]
SHARED = [name for name in SCENARIOS if name not in OWN]


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def shared_server(kind):
    with Server(kind) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def play(server, name):
    """Play a scenario and check its transcript, its promises and the output of the server."""
    scenario = SCENARIOS[name]
    before = len(server.output)
    with Player(server) as player:
        promises = scenario.get("robust", [])
        player.play(scenario["steps"], transcript(name), promises)
        broken = player.broken_promises(promises)
        alive = server.is_alive
    printed = server.output[before:]
    assert alive, printed
    assert not broken, "\n".join(broken)
    assert_no_traceback(printed)


def await_empty_room(server):
    """Wait until the room has nobody but the client that looks."""
    with closing(Client(server.legacy_address)) as probe:

        def await_text(text):
            wait_until(
                lambda: probe.read() and text in probe.received,
                lambda: f"no {text}: {bytes(probe.received)}",
            )

        def is_alone():
            probe.forget()
            probe.send(b"look\n")
            await_text(b"probe\n")
            return b"Online Users:\nprobe\n" in probe.received

        await_text(b"Connect Success")
        probe.send(b"login probe\n")
        await_text(b"Login Success")
        wait_until(is_alone, "the room does not become empty")
        probe.send(b"logout\n")
        wait_until(lambda: probe.read() and probe.ended, "the probe cannot leave")


@pytest.mark.parametrize("name", SHARED)
def test_a_conversation_goes_as_recorded(name, shared_server):
    await_empty_room(shared_server)
    play(shared_server, name)


@pytest.mark.parametrize("name", OWN)
def test_a_conversation_with_its_own_server_goes_as_recorded(name, kind):
    with Server(kind, **SCENARIOS[name].get("server", {})) as server:
        play(server, name)


def test_every_scenario_has_a_transcript_or_promises():
    assert set(SCENARIOS) == set(names_in("golden"))
    for name, scenario in SCENARIOS.items():
        assert transcript(name) or scenario["robust"]
        assert len(load("golden", name)["steps"]) == len(scenario["steps"])


@pytest.mark.parametrize("name", DIFFERENT)
def test_an_expected_transcript_names_its_differences(name):
    ours, golden = load("expected", name), load("golden", name)
    assert ours["differences"]
    for number, reason in ours["differences"].items():
        assert number in {f"D{n}" for n in range(1, 23)}
        assert reason.endswith(".")
    assert ours["steps"] != golden["steps"]
    assert [(s["step"], s["do"]) for s in ours["steps"]] == [
        (s["step"], s["do"]) for s in golden["steps"]
    ]


def test_a_full_server_refuses_new_clients_and_recovers(kind):
    with Server(kind, nofile=64) as server, ExitStack() as stack:
        crowd = [stack.enter_context(closing(Client(server.legacy_address))) for _ in range(60)]

        def answers():
            for client in crowd:
                client.read()
            return {(bytes(client.received), client.ended) for client in crowd}

        wait_until(
            lambda: answers() == {(b"Connect Success", None), (b"Server Full", "eof")},
            lambda: str(answers()),
        )
        stack.close()
        await_empty_room(server)
        server.assert_no_traceback()
