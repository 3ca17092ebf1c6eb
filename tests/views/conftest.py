"""The fixtures of the tests of pages."""

import pytest
from django.core.cache import cache

from tests.support.guessing import begin_to_guess


@pytest.fixture
def no_attempts():
    """Begin without counted attempts, and with time left until the counts begin again."""
    begin_to_guess(5)
    cache.clear()
