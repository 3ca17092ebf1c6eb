"""The setup on Debian, as far as the commands and files of chatsite/PRODUCTION.md can be tested."""

import configparser
import os
import re
import shlex
import shutil
import subprocess

import pytest

from chat.management.commands.serve import Command as Serve
from tests.support import documents
from tests.support.commands import run_command
from tests.support.services import missing

pytestmark = pytest.mark.same_on_every_database

HIGHEST_EXPOSURE = 3.0  # of 10, as `systemd-analyze security` counts


def steps():
    """Return {number: text} of the steps."""
    text = documents.section(documents.read("chatsite/PRODUCTION.md"), "Debian")
    return dict(re.findall(r"^\*\*(\d)\. (.+?)(?=^\*\*\d\. |\Z)", text, re.MULTILINE | re.DOTALL))


def commands(number):
    lines = re.findall(r"^    (.*)$", steps()[number], re.MULTILINE)
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def unit(tmp_path):
    """The unit as a file, with programs that exist: systemd-analyze looks for them."""
    (text,) = documents.fenced_blocks(steps()["5"], "ini")
    path = tmp_path / "chatsite.service"
    path.write_text(text.replace("/srv/chatsite/.venv/bin/python", "/usr/bin/env python3"))
    return path


@pytest.fixture
def settings(tmp_path):
    """The file of settings, made by the commands of step 3."""
    path = tmp_path / "chatsite.env"
    making = commands("3").replace("/etc/chatsite.env", str(path))
    making = making.replace("--group=chatsite ", "")
    subprocess.run(["bash", "-euc", making], check=True)
    assert path.stat().st_mode & 0o777 == 0o640
    return path


def analyze(*arguments):
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze")
    return subprocess.run(
        ["systemd-analyze", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_UTF8": "0"},
    )


def test_the_unit_is_hardened(unit):
    done = analyze("security", "--offline=true", str(unit))
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
    assert found, done.stdout
    assert float(found[1]) <= HIGHEST_EXPOSURE, done.stdout


def test_systemd_understands_each_line_of_the_unit(unit):
    done = analyze("verify", "--man=no", str(unit))
    assert "chatsite.service" not in done.stdout, done.stdout


def test_the_unit_migrates_without_a_time_limit_and_serves(unit):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(unit)
    service = parser["Service"]
    assert "manage.py migrate" in service["ExecStartPre"]
    assert service["TimeoutStartSec"] == "infinity"
    assert int(service["TimeoutStopSec"]) > 15  # seconds that a stop takes at most
    _, _, options = service["ExecStart"].partition(" manage.py serve ")
    parsed = Serve().create_parser("manage.py", "serve").parse_args(shlex.split(options))
    assert (parsed.workers, parsed.legacy_bind) == (2, "127.0.0.1:6666")


def test_systemd_and_the_shell_read_the_same_settings(settings):
    """systemd takes what stands between single quotes as it is, as the shell does."""
    for line in settings.read_text().splitlines():
        assert re.fullmatch(r"[A-Z_]+='[^'\\]+'", line), line


def test_the_settings_are_accepted_by_the_site(settings):
    values = dict(shlex.split(line)[0].split("=", 1) for line in settings.read_text().splitlines())
    values["EMAIL_URL"] = values["EMAIL_URL"].replace("PASSWORD", "secret%2Fword")
    status, output = run_command("check", **values)
    assert status == 0, output


def test_the_program_for_commands_runs_them_with_the_settings(settings, tmp_path):
    program = tmp_path / "chatsite-manage"
    making = commands("4").replace("/usr/local/sbin/chatsite-manage", str(program))
    subprocess.run(["bash", "-euc", making], check=True)
    text = program.read_text()
    assert "runuser -u chatsite -- .venv/bin/python manage.py" in text
    text = text.replace("/etc/chatsite.env", str(settings)).replace("/srv/chatsite", str(tmp_path))
    text = text.replace("runuser -u chatsite -- .venv/bin/python", "env")
    text = text.replace("manage.py", "sh -c 'echo $0 $DATABASE_URL $1'")
    program.write_text(text)
    done = subprocess.run(
        [program, "about", "--now"], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "about postgres:///chatsite --now\n"
