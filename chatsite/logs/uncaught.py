"""Errors that nobody has caught, as lines of the log instead of bare tracebacks."""

import logging
import sys
import threading

logger = logging.getLogger(__name__)


def log_uncaught_errors() -> None:
    """Log errors that end this process or one of its threads, in the form of all other lines."""
    sys.excepthook = _log_end_of_process
    threading.excepthook = _log_end_of_thread


def _log_end_of_process(kind, error, traceback):
    if not issubclass(kind, Exception):  # such as Control-C
        sys.__excepthook__(kind, error, traceback)
        return
    logger.critical("The process ends because of an error", exc_info=(kind, error, traceback))


def _log_end_of_thread(args):
    if issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else "unknown"
    logger.error(
        "The thread %s ends because of an error",
        name,
        exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
    )
