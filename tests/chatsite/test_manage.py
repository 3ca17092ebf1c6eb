"""`manage.py`: how commands end that cannot go on."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from tests.support.commands import SECRET_KEY, run_command
from tests.support.starts import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


@pytest.fixture
def environment(tmp_path):
    """With a folder that `collectstatic` does not fill without a question."""
    (tmp_path / "file").touch()
    return {"SECRET_KEY": SECRET_KEY, "STATIC_ROOT": str(tmp_path)}


def test_a_question_that_nobody_can_answer_ends_a_command_with_one_sentence(environment):
    status, output = run_command("collectstatic", **environment)
    assert status == 1
    assert "Traceback" not in output
    assert output.endswith(
        "chatsite: this command asks a question: run it at a terminal, or answer with an option\n"
    )


def test_control_c_ends_a_command_without_a_traceback(environment):
    command = subprocess.Popen(
        [sys.executable, "manage.py", "collectstatic"],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that started the tests in the background has made them ignore Control-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with command:
        question = b""
        while b"to cancel" not in question:
            part = os.read(command.stdout.fileno(), 1000)
            assert part, "the command has ended without a question"
            question += part
        interrupt(command)
        assert command.stderr.read() == b""
    assert command.returncode == 128 + signal.SIGINT


def interrupt(command):
    """Send the signal of Control-C until a command ends.

    Python does not notice one that comes just before it begins to read.
    """
    while command.poll() is None:
        command.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(timeout=20)  # a second one would disturb the end
