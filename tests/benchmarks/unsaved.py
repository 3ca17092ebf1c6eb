"""The site with a say that saves nothing: what saving costs is the difference.

    python -m tests.benchmarks.unsaved serve ...

All the rest is as it is: the same threads and batches, and lines that need not be read where they
were said. Entering and leaving are in the database still; what is said is kept in memory until the
process ends.
"""

import os
import sys

import django
from django.core.management import execute_from_command_line
from django.utils import timezone


class Memory:
    """The lines that were said, in the place of their rows."""

    def __init__(self, log, transcript, line, speakers):
        self.log, self.transcript = log, transcript
        self.line, self.speakers = line, speakers
        self.read = log.after
        self.names = {}
        self.lines = []
        self.last = None

    def say(self, room_id, sayings):
        """In the place of `transcript.say`, once nobody enters any more."""
        if self.last is None:
            self.last = self.log.counters([room_id])[room_id].last_seq
            self.names = dict(self.speakers())
        now = timezone.now()
        results = []
        for saying in sayings:
            self.last += 1
            name, text, client_id = self.names[saying.connection_id], saying.text, saying.client_id
            line = self.line(
                seq=self.last,
                kind="said",
                name=name,
                at=now,
                text=text,
                client_id=client_id,
                guest=client_id is None,
            )
            self.lines.append(line)
            results.append(self.transcript.Said(self.last, line=line))
        return results

    def after(self, room_id, seq, limit):
        """In the place of `log.after`."""
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

    memory = Memory(log, transcript, Line, speakers)
    transcript.say, log.after = memory.say, memory.after
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
