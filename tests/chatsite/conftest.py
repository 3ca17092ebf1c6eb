"""The fixtures of the tests of settings and the log."""

import pytest

from tests.support.log_lines import Log


@pytest.fixture
def log():
    log = Log()
    yield log
    log.handler.close()
