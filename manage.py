#!/usr/bin/env python
"""Runs Django's commands for Chatsite."""

import os
import sys

from chatsite import garbage

INTERRUPTED = 128 + 2  # the exit status of a command that Control-C has ended


def main():
    garbage.look_seldom()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import DataError, Error, IntegrityError

    from chatsite.environment import exit_with

    try:
        execute_from_command_line(sys.argv)
    except EOFError:
        exit_with("this command asks a question: run it at a terminal, or answer with an option")
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except (DataError, IntegrityError):  # errors of the command, not of the database
        raise
    except Error as error:
        if "--traceback" in sys.argv:
            raise
        from chat.room import soundness  # after Django has been set up

        exit_with(soundness.explain(error))


if __name__ == "__main__":
    main()
