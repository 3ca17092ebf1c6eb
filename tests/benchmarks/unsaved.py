"""The site without saving what is said. The difference to the site is the cost of saving.

    python -m tests.benchmarks.unsaved serve ...

Everything else is the same: threads, batches, and tails that take lines without reading them.
Entering and leaving are saved; what is said is kept in memory until the process ends.
"""

import os
import sys

import django
from django.core.management import execute_from_command_line
from django.utils import timezone


class UnsavedLines:
    """The lines that were said, instead of rows in the database."""

    def __init__(self, log, transcript, line, speakers):
        self.log, self.transcript = log, transcript
        self.line, self.speakers = line, speakers
        self.read = log.after
        self.names = {}
        self.lines = []
        self.last = None

    def say(self, sayings):
        """Replace `transcript.say`. Works only while nobody enters."""
        if self.last is None:
            self.last = self.log.counters()[sayings[0].room_id].last_seq
            self.names = dict(self.speakers())
        now = timezone.now()
        results = []
        for saying in sayings:
            self.last += 1
            line = self.line(
                seq=self.last,
                kind="said",
                name=self.names[saying.connection_id],
                at=now,
                text=saying.text,
                client_id=saying.client_id,
                guest=saying.client_id is None,
            )
            self.lines.append(line)
            results.append(self.transcript.Said(self.last, line=line))
        return results

    def after(self, room_id, seq, limit):
        """Replace `log.after`."""
        if not self.lines or seq < self.lines[0].seq - 1:
            return self.read(room_id, seq, limit)
        start = seq - self.lines[0].seq + 1
        return self.lines[start : start + limit]


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    sys.argv[0] = "manage.py"  # the settings look at it
    django.setup()
    from chat.models import Connection, Line
    from chat.room import log, transcript

    def speakers():
        return Connection.objects.values_list("pk", "presence__name")

    unsaved = UnsavedLines(log, transcript, Line, speakers)
    transcript.say, log.after = unsaved.say, unsaved.after
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
