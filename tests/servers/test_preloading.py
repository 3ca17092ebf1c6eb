"""Servers load what the first texts of members need before they serve."""

import json

import pytest

from tests.support import starts
from tests.support.commands import SECRET_KEY
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

# Prints the files that the first text opens, modules included, and the patterns that it compiles.
PROGRAM = r"""
import json, re, sys
import chatsite.asgi
from chat.markup.parsing import parse
from chat.names.mentions import everybody_key

opened, compiled, compile = [], [], re.compile
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
re.compile = lambda pattern, flags=0: compiled.append(pattern) or compile(pattern, flags)
parse("> *quoted* ~~struck~~ `code` https://example.org @room #lobby\n\n1. item")
everybody_key()
print(json.dumps([opened, compiled]))
"""


def test_the_first_text_loads_nothing(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = {"SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(starts.PROJECT)}
    status, output = starts.run([str(program)], environment, timeout=2 * PATIENCE, prepare=int)
    assert status == 0, output
    assert json.loads(output) == [[], []]
