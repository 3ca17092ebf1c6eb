"""Calls in several threads at once, each with a connection to the database of its own."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def in_thread(function, *arguments):
    """Call a function in a thread, which then gives up its connection to the database."""
    try:
        return function(*arguments)
    finally:
        connection.close()


def together(*functions):
    """Call functions at the same time, and return their results. Raises what one of them raises."""
    with ThreadPoolExecutor(len(functions)) as threads:
        calls = [threads.submit(in_thread, function) for function in functions]
    return [call.result() for call in calls]
