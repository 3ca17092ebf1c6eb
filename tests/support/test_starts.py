"""A forked Python does the same as one that was started anew."""

import json
import os
import resource
import signal

import django
import psutil
import pytest

from tests.support import starts
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.same_on_every_database


@pytest.fixture(params=["forked", "anew"])
def way(request, monkeypatch):
    """Start Python in one of both ways."""
    monkeypatch.setattr(starts, "forks", request.param == "forked")
    starts.warm_python()  # what a test changes afterwards is not inherited by it
    return request.param


@pytest.fixture
def program(tmp_path):
    """A function that stores a program. Returns the arguments with which it is started."""

    def store(code):
        path = tmp_path / "program.py"
        path.write_text(code)
        return [str(path), "--option", "an argument"]

    return store


def test_a_program_has_its_own_arguments_environment_and_signals(way, program):
    arguments = program(
        "import json, os, signal, sys\n"
        "ignores = signal.getsignal(signal.SIGINT) != signal.default_int_handler\n"
        "open_files = sorted(os.listdir('/proc/self/fd'), key=int)[:3]\n"
        "print(json.dumps([sys.argv, os.environ['ONLY'], os.getcwd(), ignores, open_files]))\n"
    )
    status, output = starts.run(arguments, {"ONLY": "here"}, timeout=PATIENCE)
    expected = [arguments, "here", str(starts.PROJECT), False, ["0", "1", "2"]]
    assert (status, json.loads(output)) == (0, expected)


@pytest.fixture
def own_limits():
    """Give the process of the tests another umask and fewer descriptors. Returns both."""
    before, limits = os.umask(0o027), resource.getrlimit(resource.RLIMIT_NOFILE)
    fewer = limits[0] - 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (fewer, limits[1]))
    yield 0o027, fewer
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    os.umask(before)


def test_a_program_inherits_limits_that_the_tests_have_changed(way, program, own_limits):
    code = (
        "import os, resource\nprint(os.umask(0), resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    status, output = starts.run(program(code), {}, timeout=PATIENCE)
    assert (status, output.split()) == (0, [str(limit) for limit in own_limits])


def test_a_program_inherits_no_other_file(way, program):
    arguments = program("import os; print(len(os.listdir('/proc/self/fd')))\n")
    # The fourth is the folder that is listed; a new interpreter reads the program from a file.
    assert int(starts.run(arguments, {}, timeout=PATIENCE)[1]) <= 5


@pytest.mark.parametrize(
    ("end", "status", "printed"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('a sentence')", 1, "a sentence\n"),
        ("raise ValueError('a reason')", 1, "ValueError: a reason\n"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt\n"),
    ],
)
def test_the_end_of_a_program_is_known(way, program, end, status, printed):
    code = f"import os, signal, sys\nprint('output', flush=True)\n{end}"
    found, output = starts.run(program(code), {}, timeout=PATIENCE)
    assert found == status
    assert output.startswith("output\n")
    assert output.endswith(printed)


def test_a_module_runs_as_the_main_one(way):
    printed = starts.run(["-m", "django", "version"], {}, timeout=PATIENCE)
    assert printed == (0, f"{django.__version__}\n")


def test_a_process_is_stopped_by_signals(way, program, tmp_path):
    code = "import time\nprint('begun')\ntime.sleep(3600)\n"
    with (tmp_path / "output").open("wb") as output:
        process = starts.start(program(code), {"PYTHONUNBUFFERED": "1"}, output)
    wait_until((tmp_path / "output").read_bytes, "it did not begin")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == process.returncode == process.poll() == -signal.SIGTERM
    process.kill()  # does nothing


@pytest.mark.parametrize(("unbuffered", "printed"), [("1", "text"), ("", "")])
def test_output_is_buffered_unless_the_environment_says_otherwise(
    way, program, unbuffered, printed
):
    code = "import os, sys\nsys.stdout.write('text')\nos._exit(0)\n"
    environment = {"PYTHONUNBUFFERED": unbuffered}
    assert starts.run(program(code), environment, timeout=PATIENCE) == (0, printed)


def test_only_libraries_are_loaded_before_a_fork(program, monkeypatch):
    monkeypatch.setattr(starts, "forks", True)
    code = "import json, sys; print(json.dumps(sorted(sys.modules)))\n"
    loaded = json.loads(starts.run(program(code), {}, timeout=PATIENCE)[1])
    assert {"django", "twisted", "uvicorn"} <= set(loaded)  # it was forked
    assert [name for name in loaded if name.split(".")[0] in ("chat", "chatsite")] == []


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ({"PYTHONHASHSEED": "7"}, {}),
        ({"LC_ALL": "C"}, {}),
        ({}, {"nofile": 64}),
        ({}, {"prepare": os.getpid}),
        ({}, {"folder": starts.PROJECT / "tests"}),
    ],
)
def test_what_a_fork_cannot_do_is_started_anew(program, monkeypatch, environment, options):
    monkeypatch.setattr(starts, "forks", True)
    arguments = program("import sys; print('django' in sys.modules)\n")
    assert starts.run(arguments, environment, timeout=PATIENCE, **options) == (0, "False\n")


def test_processes_end_with_the_warm_python_and_the_next_start_has_another(
    program, monkeypatch, tmp_path
):
    monkeypatch.setattr(starts, "forks", True)
    code = "import os, time\nprint(os.getppid(), flush=True)\ntime.sleep(3600)\n"
    path = tmp_path / "output"
    with path.open("wb") as output:
        process = starts.start(program(code), {}, output)
    wait_until(path.read_text, "it did not begin")
    os.kill(int(path.read_text()), signal.SIGKILL)
    with pytest.raises(starts.WarmPythonEnded, match="the warm Python has ended"):
        process.wait(PATIENCE)
    process.kill()  # does nothing
    wait_until(lambda: not psutil.pid_exists(process.pid), "it goes on")
    arguments = program("import sys; print('django' in sys.modules)\n")
    assert starts.run(arguments, {}, timeout=PATIENCE) == (0, "False\n")
    assert starts.run(arguments, {}, timeout=PATIENCE) == (0, "True\n")


def test_the_id_of_a_process_is_in_use_until_its_end_is_known(way, program, tmp_path):
    with (tmp_path / "output").open("wb") as output:
        process = starts.start(program(""), {}, output)
    ended = psutil.Process(process.pid)
    wait_until(lambda: not ended.is_running() or ended.status() == "zombie", "it did not end")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert not psutil.pid_exists(process.pid)
