"""Repeated lines of the log are counted, so that nobody can fill the disk with them."""

import logging
import threading
from contextvars import Context

import pytest

from chatsite.logs import counting, origin
from chatsite.logs.counting import LONGEST_COMPARED, TEXTS, WINDOW
from tests.support.log_lines import HEAD
from tests.support.waiting import wait_until

pytestmark = pytest.mark.same_on_every_database


def test_repeated_lines_are_counted_and_the_count_follows(log):
    for _ in range(313):
        log.logger.warning("The database is away: %s", "refused")
    log.logger.warning("Something else")
    assert log.messages == ["The database is away: refused", "Something else"]
    log.now = WINDOW
    log.logger.warning("Something else")
    assert log.messages[2:] == [
        "repeated 312 times: The database is away: refused",
        "Something else",
    ]


def test_different_lines_of_one_place_are_bounded(log):
    for number in range(10_000):
        log.logger.warning("Not Found: /%s", number)
    assert len(log.lines) == TEXTS
    log.now = WINDOW
    log.handler.close()
    assert log.messages[TEXTS:] == [
        f"{10_000 - TEXTS} more lines like these, the last: Not Found: /9999"
    ]


def test_what_one_place_logs_hides_nothing_of_another(log):
    other = log.named("chat.other")
    for _ in range(100):
        log.logger.warning("away")
        log.logger.error("away")
        other.warning("away")
    assert len(log.lines) == 3


def test_errors_that_differ_are_different_lines(log):
    for key in "aabc":
        try:
            raise KeyError(key)
        except KeyError:
            log.logger.exception("failed")
    assert sum(line.endswith("failed") for line in log.lines) == 3


def test_a_log_of_requests_is_written_whole(log):
    access = log.named("uvicorn.access")
    for _ in range(100):
        access.info("GET /")
    assert len(log.lines) == 100


def test_a_new_minute_begins_with_a_line(log):
    for minute in range(3):
        log.now = minute * WINDOW
        for _ in range(5):
            log.logger.warning("away")
    assert log.messages == ["away", *["repeated 4 times: away", "away"] * 2]


def test_counts_are_written_when_nothing_else_is_logged(log, monkeypatch):
    monkeypatch.setattr(counting, "WINDOW", 0.05)

    def request():
        origin.begin("192.0.2.7", "abc")
        for _ in range(3):
            log.logger.warning("away")

    Context().run(request)
    log.now = 1  # the window has ended, whenever the timer looks
    wait_until(lambda: len(log.lines) == 2, "the count is missing")
    assert [HEAD.fullmatch(line)["source"] for line in log.lines] == ["abc 192.0.2.7", "-"]


def test_counts_belong_to_no_request(log):
    for _ in range(3):
        log.logger.warning("away")
    log.now = WINDOW

    def request():
        origin.begin("192.0.2.7", "abc")
        log.logger.warning("new")

    Context().run(request)
    sources = [HEAD.fullmatch(line)["source"] for line in log.lines]
    assert sources == ["-", "-", "abc 192.0.2.7"]


def test_a_fork_leaves_the_counts_to_its_parent(log):
    record = logging.LogRecord("chat", logging.WARNING, __file__, 1, "away", (), None)
    for pid in (1, 1, 1, 2):
        record.process = pid
        log.handler.handle(record)
    log.handler.close()
    assert len(log.lines) == 2


def test_lines_of_many_threads_are_all_counted(log):
    def work():
        for _ in range(500):
            log.logger.warning("away")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.handler.close()
    assert log.messages == ["away", "repeated 1999 times: away"]


def test_wrong_arguments_of_a_line_disturb_nobody(log, capsys):
    log.logger.warning("%s %s", "one")
    assert "--- Logging error ---" in capsys.readouterr().err
    log.logger.warning("still here")
    assert log.messages == ["still here"]


def test_texts_are_compared_by_their_beginnings(log):
    """So that the counts need little memory."""
    for number in range(3):
        log.logger.warning("%s%s", "x" * LONGEST_COMPARED, number)
    assert len(log.lines) == 1
