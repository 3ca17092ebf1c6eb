"""The modules of the room's page, joined into the one script that is published."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from chatsite.bundling import Bundle
from chatsite.static import BUNDLED, ROOM_SCRIPT
from tests.support.browser import connected, message, new_name, say, sign_up
from tests.support.servers import Server
from tests.support.services import missing

pytestmark = pytest.mark.same_on_every_database

SOURCES = {
    "app/main.js": 'import { greet, NAME as who } from "./greeting.js";\n'
    'import { note } from "../log/note.js";\nnote(greet(who));\n',
    "app/greeting.js": 'import { WORD } from "./word.js";\nexport const NAME = "ann";\n'
    "export function greet(name) {\n  return `${WORD} ${name}`;\n}\n",
    "app/word.js": 'export const WORD = "hello";\n',
    "log/note.js": "export const note = (text) => console.log(text);\n",
}


def joined(sources, is_part):
    return Bundle(sources.__getitem__, is_part).make("app/main.js")


def run(script, *options):
    """Run a module by Node.js and return what it prints."""
    node = shutil.which("node") or missing("node")
    command = [node, "--input-type=module", *options]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_bundle_does_what_its_modules_do():
    assert run(joined(SOURCES, lambda path: True)) == "hello ann\n"


def test_imports_from_outside_of_the_bundle_stay_at_its_beginning():
    bundle = joined(SOURCES, re.compile("app/.*").fullmatch)
    assert bundle.startswith('import { note } from "../log/note.js";\n')
    assert bundle.count("import ") == 1


@pytest.mark.parametrize(
    "source",
    [
        'export default "hello";\n',
        'import "./other.js";\nexport const WORD = 1;\n',
        'import { note } from "../log/note.js";\nexport const WORD = note;\n',
    ],
    ids=["default export", "import without names", "import from outside"],
)
def test_what_cannot_be_joined_is_an_error(source):
    with pytest.raises(ValueError, match=r"app/word\.js"):
        joined({**SOURCES, "app/word.js": source}, re.compile("app/.*").fullmatch)


def test_the_script_of_the_room_is_joined_but_for_the_script_that_other_pages_share():
    def read(path):
        return Path(settings.BASE_DIR, "static", path).read_text()

    bundle = Bundle(read, BUNDLED.fullmatch).make(ROOM_SCRIPT)
    outside = re.findall(r'^import .* from "(.+)";$', bundle, re.MULTILINE)
    assert outside == ["../pages/sign-out.js"]
    assert run(bundle, "--check") == ""


@pytest.mark.slow
def test_the_published_page_works_with_what_it_loads_later(browser):
    with Server("serve") as server:
        context = browser.new_context()
        page = context.new_page()
        loaded = []
        page.on("request", lambda request: loaded.append(request.url))
        sign_up(page, server, new_name("reader"))
        connected(page)
        say(page, "hello")
        expect(message(page, "hello")).to_be_visible()
        assert [url for url in loaded if "/chat/core/conversation" in url] == []
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog", name="Go to a room or a person")).to_be_visible()
        context.close()
        server.assert_no_traceback()
