"""The documents describe what exists, all of it, and nothing else."""

import ast
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import get_commands, load_command_class

from chat.models import Line, Message
from chat.wire import frames, legacy
from chatsite import __version__
from tests.support.commands import PROJECT

pytestmark = pytest.mark.same_on_every_database

DOCUMENTS = sorted(
    path
    for top in (PROJECT, *(PROJECT / name for name in ("chatsite", "chat", "tests")))
    for path in (top.glob("*.md") if top == PROJECT else top.rglob("*.md"))
)
READMES = [path for path in DOCUMENTS if path.name == "README.md"]
README, SITE, ARCHITECTURE, WIRE = (
    (PROJECT / folder / "README.md").read_text() for folder in ("", "chatsite", "chat", "chat/wire")
)


def section(document, title):
    """Return the text below a heading, up to the next heading of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n", document, re.MULTILINE)
    assert found, f"there is no section {title!r}"
    rest = document[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text):
    """Return the cells of each row of the tables in a text, without the heads."""
    lines = re.findall(r"^\| (.+) \|$", text, re.MULTILINE)
    cells = [re.split(r" ?(?<!\\)\| ", line) for line in lines]
    heads = {number - 1 for number, row in enumerate(cells) if set(row[0]) == {"-"}}
    return [row for number, row in enumerate(cells) if number not in heads | {n + 1 for n in heads}]


def words(cells):
    """Return the first word of each cell that is code."""
    return [found[1] for cell in cells if (found := re.match(r"`([\w./-]+)", cell))]


def column(document, title, number=0):
    return words(row[number] for row in rows(section(document, title)))


def relative(path):
    return str(path.relative_to(PROJECT))


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


def test_every_option_of_serve_is_in_the_table_and_the_other_way_round():
    parser = Mock()
    load_command_class("chat", "serve").add_arguments(parser)
    options = [call.args[0] for call in parser.add_argument.call_args_list]
    assert sorted(column(SITE, "Production")) == sorted(options)


def test_every_command_of_the_site_is_in_the_table():
    listed = re.findall(r"^\| `manage.py (\w+)` \|", SITE, re.MULTILINE)
    assert set(listed) <= get_commands().keys()
    assert {name for name, app in get_commands().items() if app == "chat"} <= set(listed)


def test_the_changes_begin_with_this_version():
    versions = re.findall(r"^## (.+)$", (PROJECT / "chatsite" / "CHANGES.md").read_text(), re.M)
    assert versions[0] == __version__


# The protocols


def test_every_frame_is_in_the_table_and_the_other_way_round():
    sender = {"client": set(), "server": set()}
    for source, frame, *_ in rows(section(WIRE, "Frames")):
        sender[re.split(r"\W", source)[0]] |= set(words([frame]))
    source = (PROJECT / "chat" / "wire" / "frames.py").read_text()
    assert sender["client"] == frames.COMMANDS.keys()
    assert sender["server"] == set(re.findall(r'"type": ?"(\w+)"', source))


def test_every_field_of_a_line_is_in_the_table_and_the_other_way_round():
    line = Line(
        seq=1,
        kind="said",
        name="ann",
        text="",
        at=datetime.now(UTC),
        client_id=None,
        guest=False,
        of=None,
        removed=True,
    )
    assert sorted(column(WIRE, "Lines")) == sorted(json.loads(frames.encode(line)))


def test_every_kind_of_line_is_listed_and_the_other_way_round():
    (kinds,) = [row[1] for row in rows(section(WIRE, "Lines")) if row[0] == "`kind`"]
    assert sorted(re.findall(r"`(\w+)`", kinds)) == sorted(Message.Kind.values)


def test_every_error_code_is_in_the_table_and_the_other_way_round():
    assert sorted(column(WIRE, "Errors")) == sorted(frames.TEXTS)


def test_every_close_code_is_in_the_table_and_the_other_way_round():
    listed = [(int(row[0]), *words([row[1]])) for row in rows(section(WIRE, "Close codes"))]
    closes = [tuple(value) for value in vars(frames).values() if isinstance(value, frames.Close)]
    assert sorted(listed) == sorted(closes)


def test_every_word_of_the_legacy_port_is_in_the_table_and_the_other_way_round():
    assert sorted(column(WIRE, "Words")) == sorted(legacy.COMMANDS)


def test_the_readme_shows_every_word_of_the_legacy_port():
    for word in legacy.COMMANDS:
        assert re.search(rf"\b{word}\b", section(README, "Use it")), word


def test_every_answer_of_the_legacy_port_is_described():
    answers = [value for value in vars(legacy).values() if isinstance(value, bytes)]
    assert len(answers) > 5
    for answer in set(answers) - {legacy.HELP, legacy.HELP_OUTSIDE}:
        assert f"`{answer.decode().strip()}`" in section(WIRE, "The legacy port"), answer


def test_every_difference_that_the_code_names_is_described():
    described = set(re.findall(r"\bD\d+\b", section(WIRE, "Differences from the original")))
    for path in [*(PROJECT / "chat").rglob("*.py"), *(PROJECT / "tests").rglob("*.py")]:
        named = set(re.findall(r"\bD\d+\b", path.read_text()))
        assert named <= described, relative(path)


# The README


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def test_both_commands_of_the_readme_are_single_lines():
    commands = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert [command.rpartition(" ")[2] for command in commands] == ["runserver", "pytest"]


def test_the_picture_is_small():
    path = PROJECT / re.search(r"!\[[^]]*\]\(([^)]+)\)", README)[1]
    assert path.stat().st_size < 200_000


def test_the_readme_links_every_document():
    linked = {(PROJECT / target).resolve() for target in links(README)}
    others = [path for path in READMES if path != PROJECT / "README.md"]
    assert [relative(path) for path in others if path not in linked] == []


# All documents


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(path):
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_link_leads_somewhere(path):
    for link in links(path.read_text()):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


# Not in the repository: created when the site is installed or run.
CREATED_LATER = {"secret_key", "chat.jsonl", "benchmark-results/"}
FILE = re.compile(r"[\w-][\w.-]*(?:/[\w.-]+)*\.(?:py|js|css|html|txt|in|toml|md|json)|(?:[\w-]+/)+")


@pytest.mark.parametrize("path", READMES, ids=relative)
def test_every_file_that_a_readme_names_exists(path):
    for name in re.findall(r"`([^`\s]+)`", path.read_text()):
        if FILE.fullmatch(name) and name not in CREATED_LATER:
            assert exists(path.parent, name), f"{relative(path)} names {name}"


def exists(folder, name):
    """Return whether a name is a path from the top, from the document, or in a folder below it."""
    places = [PROJECT / name, folder / name]
    if "/" not in name:
        places += folder.rglob(name)
    return any(place.exists() for place in places)


@pytest.mark.parametrize("path", READMES, ids=relative)
def test_every_test_and_module_that_a_readme_runs_exists(path):
    for command in re.findall(r"`([^`\n]*\b(?:pytest|tests\.\w+)\b[^`\n]*)`", path.read_text()):
        for name in re.findall(r"\btests/[\w./-]+", command):
            assert (PROJECT / name).exists(), command
        for module in re.findall(r"\btests(?:\.\w+)+", command):
            place = PROJECT.joinpath(*module.split("."))
            assert place.is_dir() or place.with_suffix(".py").exists(), command


def test_every_marker_that_the_documents_use_is_registered(pytestconfig):
    registered = " ".join(pytestconfig.getini("markers"))
    for path in READMES:
        for marker in re.findall(r'-m "(?:not )?(\w+)"', path.read_text()):
            assert re.search(rf"\b{marker}\b", registered), marker


def test_the_architecture_names_every_package_and_nothing_else():
    packages = {path.parent.name for path in (PROJECT / "chat").glob("*/__init__.py")}
    listed = " ".join(row[1] for row in rows(section(ARCHITECTURE, "The layers")))
    assert sorted(re.findall(r"`(\w+)/`", listed)) == sorted(packages)


def test_the_architecture_names_every_module_of_the_packages_below_the_pages():
    for package in ("consumers", "servers", "live", "accounts", "room", "models", "names"):
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
