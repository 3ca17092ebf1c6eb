"""Transactions of which it may not be known whether they were committed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from chat.models.unavailable import OutcomeUnknown, Unavailable


@contextmanager
def committed() -> Iterator[None]:
    """A transaction. Raises `OutcomeUnknown` if the database is lost while it commits.

    An error with which a database answers a commit says that nothing was saved.
    """
    committing = None  # the driver's connection, once there is nothing left but to commit
    try:
        with transaction.atomic():
            yield
            committing = connection.connection
    except Unavailable as error:
        # Django drops a connection on which it cannot roll back, and opens another one.
        if committing is not None and connection.connection is not committing:
            raise OutcomeUnknown(str(error)) from error
        raise
