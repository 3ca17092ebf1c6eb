"""STATIC_ROOT as `serve` and `collectstatic` find it: read-only, in the way, or out of date."""

import re
import urllib.request

import pytest

from tests.support.commands import assert_no_traceback, run_command
from tests.support.ports import HOST, free_ports
from tests.support.processes import obey_permissions
from tests.support.servers import Server

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


class RestrictedServer(Server):
    """`serve` as a user who must obey the permissions of files."""

    def prepare_process(self):
        obey_permissions()


@pytest.fixture
def site(tmp_path):
    """A folder for STATIC_ROOT that becomes writable again, so that it can be removed."""
    folder = tmp_path / "site"
    folder.mkdir()
    yield folder
    make_writable(folder)


def make_read_only(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def make_writable(folder):
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(command, production, static_root):
    """Run `serve` or `collectstatic`, and return (status, output)."""
    doors = ["--bind", f"{HOST}:{free_ports(1)[0]}", "--legacy-bind", "off"]
    options = {"serve": doors, "collectstatic": ["--noinput"]}[command]
    environment = production | {"STATIC_ROOT": str(static_root)}
    return run_command(command, *options, prepare=obey_permissions, **environment)


def test_serve_uses_a_collection_that_it_may_not_write(production, site):
    assert run("collectstatic", production, site / "static")[0] == 0
    make_read_only(site)
    with RestrictedServer("serve", STATIC_ROOT=str(site / "static")) as server:
        page = urllib.request.urlopen(f"{server.url}/accounts/login/").read().decode()
        path = re.search(r'href="(/static/chat/site\.[0-9a-f]{12}\.css)"', page)[1]
        assert b"@layer" in urllib.request.urlopen(server.url + path).read()
        server.assert_no_traceback()


def test_serve_writes_nothing_beside_static_root(site):
    with Server("serve", STATIC_ROOT=str(site / "static")):
        assert [path.name for path in site.iterdir()] == ["static"]


def test_serve_collects_into_a_folder_whose_parent_it_may_not_write(site):
    (site / "static").mkdir()
    site.chmod(0o555)
    with RestrictedServer("serve", STATIC_ROOT=str(site / "static")):
        assert (site / "static" / "chat").is_dir()


@pytest.mark.parametrize("command", ["serve", "collectstatic"])
@pytest.mark.parametrize("place", ["read-only parent", "read-only folder", "file", "in a file"])
def test_a_folder_that_cannot_be_written_is_reported_in_one_sentence(
    production, site, command, place
):
    static_root = site / "static"
    match place:
        case "read-only parent":
            make_read_only(site)
        case "read-only folder":
            static_root.mkdir()
            make_read_only(static_root)
        case "file":
            static_root.touch()
        case "in a file":
            (site / "file").touch()
            static_root = site / "file" / "static"
    status, output = run(command, production, static_root)
    assert status == 1
    assert_no_traceback(output)
    (sentence,) = [line for line in output.splitlines() if line.startswith("chatsite:")]
    assert "the static files cannot be stored in STATIC_ROOT" in sentence
    assert ("collectstatic` as a user who may write there" in sentence) == ("read" in place)


def test_serve_reports_an_outdated_collection_that_it_may_not_write(production, site):
    assert run("collectstatic", production, site / "static")[0] == 0
    (changed,) = (site / "static" / "chat").glob("site.*.css")
    changed.unlink()
    make_read_only(site)
    status, output = run("serve", production, site / "static")
    assert status == 1
    assert_no_traceback(output)
    assert "the static files cannot be stored in STATIC_ROOT: Permission denied" in output
