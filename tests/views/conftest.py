"""The fixtures of the tests of pages."""

import pytest

from tests.support.guessing import begin_to_guess


@pytest.fixture
def no_attempts():
    """Leave time until the counts of attempts begin again."""
    begin_to_guess(5)
