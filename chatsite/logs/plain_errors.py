"""A filter that shortens errors whose cause is known, because a traceback would say no more."""

import logging

from chatsite.logs.causes import describe, is_outage

SECURITY = "django.security."  # loggers of requests that Django refuses, such as bad hosts
REQUESTS = "django.request"  # the logger of answers that are errors, also of those of a client


class PlainErrors(logging.Filter):
    """Replaces tracebacks that say nothing new by the cause, in the same line.

    When the database is away, the place in the code does not matter. When Django refuses a request,
    a stranger has caused it, and the site has no error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.name.startswith(SECURITY):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = None
        elif record.name == REQUESTS and record.levelno < logging.ERROR:
            record.exc_info = None
        elif is_outage(error):
            record.msg, record.args = f"{record.getMessage()}: {describe(error)}", ()
            record.exc_info = None
        return True
