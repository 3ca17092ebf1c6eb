"""The modules of the page that need no browser, tested by Node's own test runner."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def test_the_modules_without_a_browser_pass_their_tests():
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("Node.js is not installed, so the tests in tests/js were not run")
    assert node, "CI needs Node.js to run tests/js"

    files = sorted(map(str, TESTS.glob("*.test.mjs")))
    run = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=170)

    assert run.returncode == 0, run.stdout + run.stderr
