"""Django's commands, run as processes of their own."""

from tests.support import starts
from tests.support.waiting import PATIENCE

SECRET_KEY = "only for the tests, where nothing has to stay secret"


def run_command(*arguments, prepare=None, **environment):
    """Run one of Django's commands until it ends; return (status, output).

    `prepare()` is called in the new process before the command starts. Output is buffered, as it is
    by default for a file or a pipe.
    """
    environment = {starts.UNBUFFERED: "", **environment}
    return starts.run(["manage.py", *arguments], environment, prepare=prepare, timeout=2 * PATIENCE)


def assert_no_traceback(output):
    """Fail with the first traceback in the output of a process, and some lines around it."""
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if "Traceback" in line:
            raise AssertionError("\n".join(lines[max(number - 3, 0) : number + 80]))
