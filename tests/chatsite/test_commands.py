"""The site's own commands, started as by an operator."""

import pytest

from tests.support import starts
from tests.support.commands import run_command

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

FOLDER = starts.PROJECT / "chat" / "management" / "commands"
COMMANDS = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_all_that_it_needs(monkeypatch, command):
    monkeypatch.setattr(starts, "forks", False)  # the libraries of a fork are loaded already
    status, output = run_command(command, "--help")
    assert status == 0, output
    assert output.startswith(f"usage: manage.py {command} ")
