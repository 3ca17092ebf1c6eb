"""The size of the room's page on the wire, and the time until one can talk, in Chromium."""

import asyncio
import statistics
from urllib.parse import urlsplit

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import SQLite
from tests.support.browser import chromium, connected
from tests.support.delivery import web_members
from tests.support.ports import HOST
from tests.support.servers import AS_IN_PRODUCTION, Server

MESSAGES = 50  # in the room
LOADS = 3  # of each kind in a round
MOST_BYTES = 60 * 1024  # the target for a first visit

# Notes the time from the start of the navigation until the status is "Connected" and the composer
# takes text.
NOTE_WHEN_READY = """
    new MutationObserver(() => {
      const label = document.querySelector("[data-status-label]");
      const composer = [...document.querySelectorAll("[data-composer] :is(textarea, button)")];
      const ready = label?.textContent === "Connected" && composer.every((part) => !part.disabled);
      if (ready) window.readyAfter ??= performance.now();
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""


def measure(plan):
    """Return {"target", "loads": {kind: medians}, "other_hosts", "skipped": reason or None}."""
    result = {"target": MOST_BYTES, "loads": {}, "other_hosts": [], "skipped": None}
    try:
        loads = load(plan)
    except pytest.skip.Exception as reason:
        result["skipped"] = str(reason)
    else:
        others = set().union(*(each["hosts"] for kind in loads.values() for each in kind))
        result["other_hosts"] = sorted(others)
        result["loads"] = {kind: medians(each) for kind, each in loads.items()}
    return result


def load(plan):
    """Return {"first visit": loads, "second visit": loads}."""
    with SQLite() as databases, Server("serve", **alone(databases)) as server:
        reader, writer = web_members(server, 2)
        asyncio.run(talk(writer))
        loads = {"first visit": [], "second visit": []}
        with chromium() as browser:
            for turn in range(plan.rounds):
                plan.say(f"the room's page, round {turn + 1} of {plan.rounds}")
                for _ in range(LOADS):
                    first, again = visit(browser, server, reader)
                    loads["first visit"].append(first)
                    loads["second visit"].append(again)
    return loads


def alone(databases):
    """Return the environment of a server with SQLite, also where the tests use PostgreSQL."""
    url = databases.create_database("page")
    return {"DATABASE_URL": url, "REDIS_URL": "", **AS_IN_PRODUCTION}


async def talk(writer):
    await writer.enter()
    for number in range(MESSAGES):
        await writer.say(f"Message {number + 1} of those that the room has, as people write them.")
    await writer.leave()


def visit(browser, server, reader):
    """Load the page with an empty cache, and again. Return both loads."""
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": reader.session_key, "url": server.url}])
    context.add_init_script(NOTE_WHEN_READY)
    page = context.new_page()
    network = NetworkLog(context.new_cdp_session(page), server)
    loads = [network.load(page) for _ in range(2)]
    context.close()
    return loads


class NetworkLog:
    """The requests and answers of a page, by the browser's own network events."""

    def __init__(self, devtools, server):
        self._server = server
        devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", self._sent)
        devtools.on("Network.loadingFinished", self._finished)
        devtools.on("Network.webSocketCreated", lambda event: self._host(event["url"]))
        devtools.on("Network.webSocketFrameReceived", self._frame)

    def load(self, page):
        """Load the room and wait until one can talk. Return what was measured."""
        self.hosts, self.sizes, self.frames = set(), {}, 0
        page.goto(self._server.url)
        connected(page)
        page.wait_for_load_state("networkidle")
        shown = page.locator("[data-lines] [data-part=text]").count()
        # Some of the newest lines say that the reader entered and left.
        assert 0.9 * MESSAGES <= shown <= MESSAGES, f"{shown} messages on the page"
        return {
            "bytes": sum(self.sizes.values()),
            "requests": len(self.sizes),
            "socket_bytes": self.frames,
            "ready": page.evaluate("window.readyAfter"),
            "hosts": self.hosts - {f"{HOST}:{self._server.web_port}"},
        }

    def _sent(self, event):
        self._host(event["request"]["url"])

    def _host(self, url):
        if host := urlsplit(url).netloc:  # empty for a data: URL
            self.hosts.add(host)

    def _finished(self, event):
        if size := event["encodedDataLength"]:  # zero when the cache had it
            self.sizes[event["requestId"]] = size

    def _frame(self, event):
        self.frames += len(event["response"]["payloadData"].encode())


def medians(loads):
    names = ("bytes", "requests", "socket_bytes", "ready")
    return {name: statistics.median(load[name] for load in loads) for name in names}


def tables(result):
    """Yield the table as lines of Markdown."""
    if result["skipped"]:
        yield f"Not measured: {result['skipped']}."
    else:
        others = ", ".join(result["other_hosts"]) or "none"
        yield (
            f"The room has {MESSAGES} messages. The target is at most {result['target'] // 1024} "
            f"KB for a first visit. Requests to other hosts: {others}."
        )
        yield ""
        yield from report.rows(
            [
                *("load", "requests", "KB on the wire"),
                *("KB in the socket's frames", "until one can talk"),
            ],
            (cells(kind, load) for kind, load in result["loads"].items()),
        )


def cells(kind, load):
    return [
        kind,
        f"{load['requests']:g}",
        f"{load['bytes'] / 1024:.1f}",
        f"{load['socket_bytes'] / 1024:.1f}",
        f"{load['ready']:.0f} ms",
    ]
