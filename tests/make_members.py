"""Makes accounts that are signed in, for tests and benchmarks: `python -m tests.make_members N`.

Prints a JSON list of [user name, session key]. Passwords are not usable: to hash hundreds of
them would take minutes. The database is that of the environment.
"""

import json
import os
import sys

import django
from django.conf import settings


def signed_in_accounts(count, prefix="member"):
    """[(user name, session key)] of new accounts `member0`, `member1`, ..."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from chat.models import User

    made = []
    with transaction.atomic():
        for number in range(count):
            user = User.objects.create_user(f"{prefix}{letters(number)}")
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.create()
            made.append((user.username, session.session_key))
    return made


def letters(number):
    """A number in letters that look like no other: 0, 1 and l would be one name."""
    alphabet = "abcdefgh"
    return "".join(alphabet[int(digit)] for digit in f"{number:o}")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    print(json.dumps(signed_in_accounts(int(sys.argv[1]), *sys.argv[2:])))


if __name__ == "__main__":
    main()
