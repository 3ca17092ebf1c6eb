"""The fixtures of the tests of the servers."""

import pytest

from tests.support.commands import SECRET_KEY
from tests.support.databases import create_tables
from tests.support.ports import HOST
from tests.support.servers import SHARED_STATIC_ROOT


@pytest.fixture
def production(tmp_path):
    """Return an environment in which `serve` would start, with a migrated database."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'chat.sqlite3'}",
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "STATIC_ROOT": str(SHARED_STATIC_ROOT),
    }
    create_tables(environment["DATABASE_URL"])
    return environment
