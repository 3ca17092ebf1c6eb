"""The lines of the log: nobody can forge one, and no secret is in one."""

import json
import os
import re
from contextvars import Context

import pytest
from django.views.debug import get_default_exception_reporter_filter

from chatsite.logs import origin
from chatsite.logs.formats import LONGEST_MESSAGE, JsonFormatter
from tests.support.log_lines import HEAD, Log

pytestmark = pytest.mark.same_on_every_database

HARMFUL = [
    *("\n2026-11-29T12:00:00.000Z INFO 1 chat [-] forged", "\r", "\x0b", "\x0c", "\x1c", "\x85"),
    *("\u2028", "\u2029", "\x1b[2J", "\x9b2J", "\x07", "\x00", "\x7f", "\u202e", "\u2066"),
    "\ud800",
]


# Forms


def test_a_line_has_time_level_process_logger_and_message(log):
    log.logger.warning("Room %s cannot be read", 7)
    found = HEAD.fullmatch(log.lines[0])
    assert found.groupdict() == {
        "level": "WARNING",
        "pid": str(os.getpid()),
        "logger": "chat.test",
        "source": "-",
        "message": "Room 7 cannot be read",
    }


def test_lines_of_a_request_have_its_id_and_the_address_of_its_client(log):
    def request(*arguments):
        origin.begin(*arguments)
        log.logger.warning("%s", arguments)

    for arguments in [("192.0.2.7", "abc-1"), ("", "abc-2"), ("2001:db8::1",), ("192.0.2.8",)]:
        Context().run(request, *arguments)
    log.logger.warning("outside")
    sources = [HEAD.fullmatch(line)["source"] for line in log.lines]
    assert sources[:2] == ["abc-1 192.0.2.7", "abc-2"]
    assert re.fullmatch(r"[0-9a-f]{12} 2001:db8::1", sources[2])
    assert sources[2].split()[0] != sources[3].split()[0]
    assert sources[4] == "-"


@pytest.mark.parametrize("wrong", ["", "a b", "a\nb", "a]b", "é", "x" * 129, "<script>"])
def test_an_unusual_request_id_is_replaced(log, wrong):
    def request():
        origin.begin("192.0.2.7", wrong)
        return origin.current().id

    assert re.fullmatch(r"[0-9a-f]{12}", Context().run(request))


@pytest.mark.parametrize("text", HARMFUL)
def test_no_text_of_a_stranger_leaves_its_line(log, text):
    log.logger.warning("Hello %s!", text)
    try:
        raise ValueError(f"unusable: {text}")
    except ValueError:
        log.logger.exception("Failed with %s", text)
    assert len([line for line in log.lines if HEAD.fullmatch(line)]) == 2
    for line in log.lines:
        assert line.isprintable()
        assert line.startswith("  | ") or HEAD.fullmatch(line)
    assert "unusable" in log.lines[-1] + log.lines[-2]


@pytest.mark.parametrize("text", HARMFUL)
def test_json_has_one_object_in_each_line(text):
    log = Log(JsonFormatter())
    try:
        raise ValueError(text)
    except ValueError:
        log.logger.exception("Failed with %s", text)
    (line,) = log.lines
    assert line.isascii()
    assert line.isprintable()
    fields = json.loads(line)
    assert fields["message"] == f"Failed with {text}".strip()
    assert fields["traceback"].startswith("Traceback")
    assert (fields["level"], fields["pid"]) == ("ERROR", os.getpid())
    assert "address" not in fields


def test_a_long_text_is_shortened(log):
    log.logger.warning("%s", "x" * 1_000_000)
    assert len(log.lines[0]) < LONGEST_MESSAGE + 200


# Secrets


def test_passwords_and_tokens_are_left_out(log, settings):
    settings.SECRET_KEY = "k3y-of-the-site"
    settings.DATABASE = {"PASSWORD": "p@ss/of#database"}
    settings.REDIS_URL = "redis://:r%40dis-word@localhost:6379/0"
    settings.EMAIL_HOST_PASSWORD = "word-for-mail"
    for secret in (
        *("k3y-of-the-site", "p@ss/of#database", "p%40ss%2Fof%23database"),
        *("r@dis-word", "r%40dis-word", "word-for-mail"),
    ):
        log.logger.warning("cannot use %s now", secret)
        try:
            raise OSError(f"cannot use {secret}")
        except OSError:
            log.logger.exception("failed")
        assert secret not in log.stream.getvalue()
    assert "cannot use … now" in log.stream.getvalue()


def test_a_short_password_does_not_garble_lines(log, settings):
    settings.DATABASE = {"PASSWORD": "chat"}
    log.logger.warning("the database of chat is away")
    assert log.messages == ["the database of chat is away"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/accounts/reset/MQ/d4-abc/", "/accounts/reset/MQ/…/"),
        ("/accounts/reset/MQ/d4-abc", "/accounts/reset/MQ/…"),
        ("/accounts/first/T0ken_-x/", "/accounts/first/…/"),
        ("/accounts/first/T0ken?next=/", "/accounts/first/…?next=/"),
        ("/join/T0ken_-x/", "/join/…/"),
        ("https://testserver/join/T0ken_-x", "https://testserver/join/…"),
        ("/r/garden/join/", "/r/garden/join/"),
        ("/r/garden/join/withdraw/", "/r/garden/join/withdraw/"),
        ("/r/join/settings/", "/r/join/settings/"),
        ("/accounts/reset/", "/accounts/reset/"),
        ("/accounts/reset/sent/", "/accounts/reset/sent/"),
        ("/accounts/login/?next=/admin/", "/accounts/login/?next=/admin/"),
    ],
)
def test_links_that_let_somebody_in_are_not_logged(log, path, shown):
    log.named("django.request").warning("Not Found: %s", path)
    assert log.messages == [f"Not Found: {shown}"]


@pytest.mark.parametrize("name", ["uvicorn.access", "django.channels.server"])
def test_logs_of_requests_have_no_queries(log, name):
    log.named(name).info('"GET %s HTTP/1.1" 200', "/callback/?code=s3cret&state=x")
    assert log.messages == ['"GET /callback/?… HTTP/1.1" 200']


def test_debug_pages_show_no_address_of_a_service(settings):
    settings.REDIS_URL = "redis://:hidden-word@localhost/0"
    settings.CHANNEL_LAYERS = {"default": {"CONFIG": {"hosts": [settings.REDIS_URL]}}}
    shown = str(get_default_exception_reporter_filter().get_safe_settings())
    assert "CHANNEL_LAYERS" in shown
    assert "hidden-word" not in shown
