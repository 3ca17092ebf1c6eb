"""The front end's pure modules are tested where they run: by Node's own test runner."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_the_pure_modules_of_the_room_page():
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("Node.js is not installed: the tests in tests/js were not run")
    assert node, "CI needs Node.js to run tests/js"

    tests = sorted(map(str, HERE.glob("*.test.mjs")))
    run = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=120)

    assert run.returncode == 0, run.stdout + run.stderr
