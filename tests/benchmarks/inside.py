"""A process with Django on one database, in which a benchmark calls a function.

The module of the benchmark has a function `answer(**question)`. Questions and answers are lines of
JSON.
"""

import json
import os
import subprocess
import sys
from importlib import import_module

import django

from tests.benchmarks.databases import environment
from tests.support.starts import PROJECT
from tests.support.waiting import PATIENCE


class DjangoProcess:
    """The process, started on `with`, for a module and the URL of a database."""

    def __init__(self, module, url):
        self._command = [sys.executable, "-m", "tests.benchmarks.inside", module]
        self._environment = environment(url)

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def ask(self, **question):
        """Call `answer` in the process, and return its result."""
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, f"the process ended with {self._process.wait(PATIENCE)}"
        return json.loads(answer)

    def __exit__(self, *exc_info):
        with self._process as process:
            try:
                process.stdin.close()
                process.wait(PATIENCE)
            finally:
                process.kill()


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    module = import_module(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(module.answer(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
