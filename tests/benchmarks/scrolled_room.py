"""Fills the lobby with formatted messages and images: `python -m tests.benchmarks.scrolled_room N`.

Prints the name and the session key of somebody who reads them, as JSON. The database and the files
are those of the environment.
"""

import io
import json
import os
import sys
from itertools import cycle

import django

from tests.support.make_members import signed_in_accounts
from tests.support.pictures import picture

AUTHORS = 3
IMAGE_EVERY = 50  # messages
SAID_AT_ONCE = 100
TEXTS = [
    "as *people* write, with **weight** and ~~mistakes~~",
    "see https://example.org/a/page?of=numbers and `a.piece(of, code)`",
    "> what somebody said before\nand an answer to it",
    "```\nfor line in lines:\n    print(line)\n```",
    "- bread\n- butter\n- something that takes more than a line on most screens of most people",
    "a longer message, " + "as people write when they have much to say about something, " * 6,
    "yes",
    "@alice look at #lobby 👍",
]


def fill(count):
    """Let a few accounts say messages in turn, some with an image each."""
    from chat.models import Room, User
    from chat.room import presence, processes, receiving_files, transcript
    from chat.room.presence import Entrant
    from chat.room.transcript import Said, Saying

    room = Room.first().pk
    authors = User.objects.filter(
        username__in=[name for name, _ in signed_in_accounts(AUTHORS, "author")]
    )
    process = processes.register("here", 1, "then")
    seats = presence.enter([Entrant(user.username, user.pk, process, "web") for user in authors])
    people = cycle(zip(authors, seats, strict=True))
    content = picture(size=(800, 600))

    def saying(number):
        user, seat = next(people)
        files = ()
        if number % IMAGE_EVERY == 0:
            file = io.BytesIO(content)
            sent = receiving_files.receive(room, user, f"{number}.jpg", file, len(content))
            files = (sent.pk,)
        text = f"{number} {TEXTS[number % len(TEXTS)]}"
        return Saying(room, seat.connection_id, text, files=files).parsed()

    for start in range(0, count, SAID_AT_ONCE):
        numbers = range(start, min(start + SAID_AT_ONCE, count))
        results = transcript.say([saying(number) for number in numbers])
        assert all(isinstance(result, Said) for result in results), results


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    fill(int(sys.argv[1]))
    print(json.dumps(signed_in_accounts(1, "reader")[0]))


if __name__ == "__main__":
    main()
