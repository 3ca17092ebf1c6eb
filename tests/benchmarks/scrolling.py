"""The long tasks of the page while somebody scrolls through a long room, in Chromium.

python -m tests.benchmarks --only scrolling
"""

import json

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import SQLite
from tests.benchmarks.page import alone
from tests.support.browser import chromium, connected
from tests.support.servers import Server

LINES, QUICK_LINES = 5_000, 300
WHEEL = 800  # pixels of one turn of the wheel
TURNS = 10  # until the next look whether the end has come
LONGEST = 50  # ms of a task, the target
TIMES = ("Script", "RecalcStyle", "Layout", "Task")  # as Chromium names its sums

# Chromium tells the scripts of each frame that takes more than 50 ms, if they run for 5 ms or more.
NOTE_LONG_TASKS = """
    window.longTasks = [];
    window.ourScripts = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: "longtask" });
    new PerformanceObserver((list) => {
      for (const script of list.getEntries().flatMap(({ scripts }) => scripts)) {
        const { sourceURL, duration, forcedStyleAndLayoutDuration: forced } = script;
        if (sourceURL.startsWith(location.origin)) window.ourScripts.push([duration, forced]);
      }
    }).observe({ type: "long-animation-frame" });
"""
# Whether the first or the last message is shown, and all before or after it are loaded.
IS_AT_END = """
    (side) => {
      const log = document.querySelector("[data-log]");
      if (document.querySelector(`[data-lines] > [data-gap]:${side}-child`)) return false;
      const below = log.scrollHeight - log.clientHeight - log.scrollTop;
      return (side === "first" ? log.scrollTop : below) < 1;
    }
"""
TAKE_LONG_TASKS = "() => [window.longTasks.splice(0), window.ourScripts.splice(0)]"


def measure(plan):
    """Return {"target", "lines", "ways": {way: figures}, "skipped": reason or None}."""
    lines = plan.lines or (QUICK_LINES if plan.quick else LINES)
    result = {"target": LONGEST, "lines": lines, "ways": {}, "skipped": None}
    try:
        result["ways"] = ways(plan, lines)
    except pytest.skip.Exception as reason:
        result["skipped"] = str(reason)
    return result


def ways(plan, lines):
    with SQLite() as databases, Server("serve", **alone(databases)) as server:
        plan.say(f"scrolling: filling a room with {lines:,} lines")
        server.stop()  # a process that follows the room would read all these lines
        filled = server.python("-m", "tests.benchmarks.scrolled_room", str(lines))
        _, session_key = json.loads(filled.splitlines()[-1])
        server.start()
        with chromium() as browser:
            reader = Reader(browser, server, session_key)
            plan.say("scrolling: back to the first message")
            first_view = reader.scroll("first")
            plan.say("scrolling: to the last message")
            again = reader.scroll("last")
    return {"first view": first_view, "scrolling back": again}


class Reader:
    """A person who has opened the room, with the browser's own figures about the page."""

    def __init__(self, browser, server, session_key):
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session_key, "url": server.url}])
        context.add_init_script(NOTE_LONG_TASKS)
        self._page = context.new_page()
        self._devtools = context.new_cdp_session(self._page)
        self._devtools.send("Performance.enable")
        self._loaded = 0  # parts of the history
        self._page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        self._page.goto(server.url)
        connected(self._page)
        self._page.locator("[data-log]").hover()

    def _received(self, frame):
        self._loaded += frame.startswith('{"type":"history"')

    def scroll(self, side):
        """Turn the wheel until the first or the last message is shown. Return the figures."""
        self._page.evaluate(TAKE_LONG_TASKS)
        begin, loaded = self._times(), self._loaded
        turns = 0
        while not self._page.evaluate(IS_AT_END, side):
            for _ in range(TURNS):
                self._page.mouse.wheel(0, -WHEEL if side == "first" else WHEEL)
            turns += TURNS
        tasks, scripts = self._page.evaluate(TAKE_LONG_TASKS)
        times = {name: time - begin[name] for name, time in self._times().items()}
        return {
            "turns": turns,
            "loaded": self._loaded - loaded,
            "tasks": tasks,
            "scripts": scripts,
            "times": times,
        }

    def _times(self):
        """Return {name: ms} of what the page has needed the processor for until now."""
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        found = {each["name"]: each["value"] for each in metrics}
        return {name: 1000 * found[f"{name}Duration"] for name in TIMES}


def longest(figures):
    """Return the milliseconds of the longest task over the target; 0 without any."""
    return max(figures["tasks"], default=0)


def longest_script(figures):
    """Return the milliseconds of the longest of our scripts, and of the layout that it forced.

    It is one call by the browser, such as of a listener. Those in short frames are not noted, so
    both are 0 without any long frame.
    """
    return max(figures["scripts"], default=(0, 0))


def tables(result):
    """Yield the table as lines of Markdown."""
    if result["skipped"]:
        yield f"Not measured: {result['skipped']}."
        return
    yield (
        f"The room has {result['lines']:,} lines, formatted, some with an image. The target is no "
        f"task of ours over {result['target']} ms: the longest script is that of the page itself, "
        "with the layout that it forced, and a long task has the styles, layout and painting of "
        "the browser besides. The times are of the browser's main thread, and the last four are a "
        "mean for each part of the history that was loaded."
    )
    yield ""
    yield from report.rows(
        [
            *("way", "parts loaded", "long tasks", "longest", "longest script", "forced layout"),
            *("scripts", "styles", "layout", "all"),
        ],
        (cells(way, figures) for way, figures in result["ways"].items()),
    )


def cells(way, figures):
    tasks, parts = figures["tasks"], max(figures["loaded"], 1)
    script, forced = longest_script(figures)
    return [
        way,
        str(figures["loaded"]),
        str(len(tasks)),
        f"{longest(figures):.0f} ms",
        f"{script:.0f} ms",
        f"{forced:.0f} ms",
        *(f"{figures['times'][name] / parts:.1f} ms" for name in TIMES),
    ]
