#!/usr/bin/env python
"""Runs Django's commands for Chatsite."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError

    from chatsite.environment import exit_with

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, InterfaceError) as error:
        exit_with(f"the database cannot be used: {str(error).strip()}")


if __name__ == "__main__":
    main()
