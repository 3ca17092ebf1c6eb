"""The documents describe the settings, the commands and the parts that exist, and nothing else."""

import ast
import re
import subprocess
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import get_commands, load_command_class

from chat.accounts import throttling
from chat.live.open_sockets import HTTP_PART
from chat.management.moderating import ACTIONS, usage
from chat.models import ModerationEntry, SecurityEvent
from chat.servers import health, page_queue, upload_bodies
from chat.servers.http_limits import HttpLimits
from chatsite import __version__
from tests.support.documents import (
    CHANGES,
    column,
    headings,
    read,
    relative,
    rows,
    section,
    tables,
    words,
)
from tests.support.starts import PROJECT

pytestmark = pytest.mark.same_on_every_database

SITE, ARCHITECTURE = read("chatsite/README.md"), read("chat/README.md")
MODERATION = read("chat/MODERATION.md")
PRODUCTION, SECURITY = read("chatsite/PRODUCTION.md"), read("chatsite/SECURITY.md")


# Settings and commands


def settings_read():
    """Return {name: default} of the settings that are read from the environment."""
    tree = ast.parse((PROJECT / "chatsite" / "settings.py").read_text())
    calls = [
        node.args
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", None) == "env"
    ]
    return {name.value: written(*rest[:1]) if rest else "off" for name, *rest in calls}


def written(default):
    """Return a default as an operator would write it; None for one that is computed."""
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return None
    return ",".join(value) if isinstance(value, list) else str(value)


def test_every_setting_is_in_the_table_and_the_other_way_round():
    assert sorted(column(SITE, "Settings")) == sorted(settings_read())


def test_the_defaults_of_settings_are_those_in_the_table():
    listed = {words(row[:1])[0]: row[1] for row in rows(section(SITE, "Settings"))}
    computed = {"ALLOWED_HOSTS", "SECRET_KEY", "LEGACY_HOST"}
    for name, default in settings_read().items():
        if default is not None and name not in computed:
            assert listed[name].strip("` ") == default, name


def tables_of(command):
    """Return the tables of options that may be those of a command."""
    if command in ("moderate", "invite"):
        text = section(MODERATION, "The command line")
    else:
        text = section(PRODUCTION, {"serve": "serve", "health": "Health"}[command])
    return [table for table in tables(text) if "| option |" in table]


@pytest.mark.parametrize(
    ("command", "place"), [("serve", 0), ("health", 0), ("moderate", 0), ("invite", 1)]
)
def test_every_option_of_a_command_is_in_its_table_and_the_other_way_round(command, place):
    parser = Mock()
    load_command_class("chat", command).add_arguments(parser)
    options = {
        call.args[0].lower(): str(call.kwargs["default"]) if "default" in call.kwargs else None
        for call in parser.add_argument.call_args_list
    }
    table = tables_of(command)[place]
    listed = {words(row[:1])[0].lower(): row[1].strip("`") for row in rows(table)}
    assert listed.keys() == options.keys()
    for option, default in options.items():
        assert default in (None, listed[option]), option


def test_no_other_command_of_the_site_has_options_of_its_own():
    own = []
    for name, app in get_commands().items():
        command = load_command_class(app, name) if app == "chat" else None
        if "add_arguments" in vars(type(command)):
            own.append(name)
    assert sorted(own) == ["health", "invite", "moderate", "serve"]


def test_every_command_of_the_site_is_in_the_table():
    listed = [row[0] for row in rows(section(SITE, "Commands"))]
    listed = [re.fullmatch(r"`manage\.py (\w+)`", cell)[1] for cell in listed]
    assert set(listed) <= get_commands().keys()
    assert {name for name, app in get_commands().items() if app == "chat"} <= set(listed)


def test_every_part_that_may_not_be_ready_is_in_the_table_and_the_other_way_round():
    (table,) = [table for table in tables(section(PRODUCTION, "Health")) if "| part |" in table]
    sources = read("chat/live/process.py") + read("chat/live/health.py")
    parts = set(re.findall(r'(?:problems\[|return \{)"(\w+)"', sources))
    assert set(words(row[0] for row in rows(table))) == parts


def test_every_address_of_health_is_described():
    for address in health.ADDRESSES:
        assert re.search(rf"`{address}/?`", section(PRODUCTION, "Health")), address


def test_the_limits_of_http_are_those_in_the_table():
    limits, queue = HttpLimits(), page_queue
    listed = {row[0]: " ".join(row[1:]) for row in rows(section(PRODUCTION, "Limits of HTTP"))}
    for beginning, *numbers in (
        ("the time for the head of a request", f"{limits.head_seconds} s"),
        ("the time for the body of a request", f"{limits.body_seconds} s"),
        ("the time between two requests", f"{limits.idle_seconds} s"),
        ("the time for a client to read", f"{limits.send_seconds} s"),
        ("the size of a body", f"{limits.max_body >> 20} MiB", f"{limits.max_chunks} chunks"),
        (
            *("the size of all bodies", f"{limits.max_incomplete_bodies >> 20} MiB"),
            f"above {limits.small_body >> 10} KiB",
        ),
        ("the size of a head", f"{limits.max_head >> 10} KiB", f"{limits.max_headers} headers"),
        ("HTTP connections of a process", f"1/{1 / HTTP_PART:.0f} of the descriptors"),
        ("a body that sends files", "`UPLOAD_MB`, and 64 KiB"),
        (
            *("files that arrive", f"{upload_bodies.AT_ONCE}, and"),
            f"{upload_bodies.AT_ONCE_OF_ACCOUNT} of an account",
        ),
        (
            *("the time for a file", f"{upload_bodies.SLOWEST >> 10} KiB a second"),
            f"{upload_bodies.STALLED} s",
        ),
        (
            *("pages", f"{queue.AT_ONCE}, and {queue.AT_ONCE_OF_ADDRESS} for an address"),
            *(f"after {queue.PATIENCE} s", f"{queue.MAX_WAITING_OF_ADDRESS} of an address"),
            f"{queue.MAX_WAITING} in all",
        ),
    ):
        (text,) = [text for what, text in listed.items() if what.startswith(beginning)]
        for number in numbers:
            assert re.search(rf"(?<![\d\w]){number}\b", text), f"{beginning}: {number}"


def test_every_kind_of_security_event_is_in_the_table_and_the_other_way_round():
    kinds = " ".join(row[0] for row in rows(section(SECURITY, "Security events")))
    assert sorted(re.findall(r"`(\w+)`", kinds)) == sorted(SecurityEvent.Kind.values)


def test_the_changes_begin_with_this_version():
    versions = [title for _, level, title in headings(CHANGES.read_text()) if level == 2]
    assert versions[0] == __version__


def test_every_limit_of_attempts_is_in_the_table_and_the_other_way_round():
    seconds = {"min": 60, "h": 3600}
    listed = {}
    for name, most, window, _ in rows(section(SECURITY, "Attempts")):
        number, unit = window.split()
        listed[name.strip("`")] = int(most), int(number) * seconds[unit]
    limits = [value for value in vars(throttling).values() if isinstance(value, throttling.Limit)]
    assert listed == {limit.name: (limit.most, limit.window) for limit in limits}
    assert len(listed) == len(limits)


# The features


@pytest.fixture(scope="module")
def defined_tests():
    """The names of all tests."""
    sources = [path.read_text() for path in (PROJECT / "tests").rglob("test_*.py")]
    return {name for source in sources for name in re.findall(r"def (test_\w+)", source)}


@pytest.mark.parametrize(
    "features",
    [
        rows(read("chat/FEATURES.md")),
        rows(section(MODERATION, "The actions of each door")),
    ],
    ids=["features", "moderation"],
)
def test_every_feature_is_left_out_for_a_reason_or_shown_by_tests_that_exist(
    features, defined_tests
):
    assert len(features) > 5
    for feature, *cells, reason in features:
        assert len(cells) == 4, feature
        for cell in cells:
            named = re.findall(r"`(\w+)`", cell)
            assert (cell == "–") != bool(named), f"{feature}: {cell}"
            assert set(named) <= defined_tests, f"{feature}: {cell}"
        assert ("–" in cells) == (reason != "it is everywhere"), feature


def test_every_action_of_the_command_line_is_in_the_table_as_it_is_written():
    (table,) = [
        table
        for table in tables(section(MODERATION, "The command line"))
        if "| written as |" in table
    ]
    listed = {row[0].strip("`"): row[1].strip("`").replace("\\|", "|") for row in rows(table)}
    assert listed == {name: usage(name, action) for name, action in ACTIONS.items()}


def test_every_action_of_the_log_of_moderation_is_in_the_table_and_the_other_way_round():
    listed = " ".join(row[0] for row in rows(section(MODERATION, "The log")))
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(ModerationEntry.Action.values)


# The architecture


def test_the_architecture_names_every_package_and_nothing_else():
    packages = {path.parent.name for path in (PROJECT / "chat").glob("*/__init__.py")}
    listed = " ".join(row[1] for row in rows(section(ARCHITECTURE, "The layers")))
    assert sorted(re.findall(r"`(\w+)/`", listed)) == sorted(packages)


def test_the_architecture_names_every_module_of_the_packages_below_the_pages():
    upper = ("consumers", "servers", "live", "accounts", "room")
    for package in (*upper, "models", "markup", "names"):
        for path in (PROJECT / "chat" / package).glob("[!_]*.py"):
            assert re.search(rf"`(?:\w+/)?{path.name}`", ARCHITECTURE), relative(path)


def test_the_top_level_holds_what_was_agreed():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if tracked.returncode != 0:
        pytest.skip("this is not a git checkout")
    top = {Path(path).parts[0] for path in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} == {
        *("chatsite", "chat", "templates", "static", "tests"),
        *("manage.py", "requirements.txt", "README.md", "pyproject.toml", "LICENSE"),
    }
