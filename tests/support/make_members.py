"""Make signed-in accounts for tests and benchmarks: `python -m tests.support.make_members N`.

Prints a JSON list of [user name, session key]. The accounts have unusable passwords, because
hashing hundreds of passwords takes minutes. The database is that of the environment.
"""

import json
import os
import sys
from datetime import timedelta
from secrets import token_hex

import django
from django.conf import settings

BATCH = 1000  # rows in an INSERT


def signed_in_accounts(count, prefix="member"):
    """Make accounts that are signed in; return [(user name, session key)]."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.db import transaction
    from django.utils import timezone

    from chat.models import User
    from chat.names import key_of

    names = [f"{prefix}{letters(number)}" for number in range(count)]
    # Django makes random strings letter by letter, which would take half of the time.
    users = [
        User(username=name, key=key_of(name), password=UNUSABLE_PASSWORD_PREFIX + token_hex())
        for name in names
    ]
    expire_date = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    store = SessionStore()
    with transaction.atomic():
        sessions = [
            Session(
                session_key=token_hex(16),
                session_data=store.encode(
                    {
                        SESSION_KEY: str(user.pk),
                        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                        HASH_SESSION_KEY: user.get_session_auth_hash(),
                    }
                ),
                expire_date=expire_date,
            )
            for user in User.objects.bulk_create(users, BATCH)
        ]
        Session.objects.bulk_create(sessions, BATCH)
    return [(name, session.session_key) for name, session in zip(names, sessions, strict=True)]


def letters(number):
    """Return a number in letters that cannot be confused, as 0 and o or 1 and l can."""
    alphabet = "abcdefgh"
    return "".join(alphabet[int(digit)] for digit in f"{number:o}")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.db import connections

    print(json.dumps(signed_in_accounts(int(sys.argv[1]), *sys.argv[2:])))
    connections.close_all()  # now the SQLite file is complete and can be copied


if __name__ == "__main__":
    main()
