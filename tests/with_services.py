"""Run a command with PostgreSQL and Redis: `python -m tests.with_services python -m pytest`.

DATABASE_URL and REDIS_URL name both. Each server that a test starts gets a database of its own on
them (`tests.support.databases`).
"""

import os
import subprocess
import sys

from tests.support.services import PostgreSQL, Redis


def main():
    # Most tests empty the tables at their end. Waiting for the disk would take minutes.
    with PostgreSQL(fsync="off") as postgresql, Redis() as redis:
        services = {
            "DATABASE_URL": postgresql.url,
            "REDIS_URL": redis.url,
            "CHATSITE_TEST_POSTGRESQL": postgresql.url,
            "CHATSITE_TEST_REDIS": redis.url,
        }
        return subprocess.call(sys.argv[1:], env={**os.environ, **services})


if __name__ == "__main__":
    sys.exit(main())
