"""README.md says what there is, all of it, and nothing else."""

import re
import subprocess

import pytest

from chat.wire import commands, frames
from tests.support.commands import PROJECT

README = (PROJECT / "README.md").read_text()


def section(title):
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text):
    """The names in the first column of the tables in a text."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def test_every_setting_is_in_the_table_and_the_other_way_round():
    source = (PROJECT / "chatsite" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", source))
    assert first_cells(section("Settings")) == read


def test_every_error_code_is_in_the_table_and_the_other_way_round():
    assert first_cells(section("The WebSocket")) == set(frames.TEXTS)


def test_every_close_is_in_the_table_and_the_other_way_round():
    listed = re.findall(r"^\| (\d+) \| `(\w+)` \|", section("The WebSocket"), re.MULTILINE)
    closes = {value for value in vars(frames).values() if isinstance(value, tuple)}
    assert {(int(number), code) for number, code in listed} == closes


@pytest.mark.parametrize(
    "kind", ["say", "look", "history", "logout", "welcome", "lines", "people", "said", "bye"]
)
def test_every_frame_is_in_the_table(kind):
    assert re.search(rf"^\| (client|server)[^|]* \| `{kind}` \|", README, re.MULTILINE)


def test_every_word_of_the_legacy_port_is_explained():
    for word in (commands.Say, commands.Look, commands.History, commands.Help, commands.Logout):
        assert re.search(rf"\b{word.__dataclass_fields__['word'].default}\b", section("Run it"))


def test_both_commands_are_single_lines():
    commands = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert [command.rpartition(" ")[2] for command in commands] == ["runserver", "pytest"]


def test_what_the_map_names_exists():
    for name in re.findall(r"\b(\w+\.py)\b", section("Where things are")):
        assert list((PROJECT / "chat").rglob(name)), name


def test_the_picture_is_in_the_repository_and_small():
    path = PROJECT / re.search(r"!\[[^]]*\]\(([^)]+)\)", README)[1]
    assert path.stat().st_size < 200_000


def test_the_top_level_holds_what_was_agreed():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if tracked.returncode != 0:
        pytest.skip("this is not a git checkout")
    top = {path.partition("/")[0] for path in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= {
        *("chatsite", "chat", "templates", "static", "tests"),
        *("manage.py", "requirements.txt", "README.md", "pyproject.toml", "LICENSE"),
    }
