"""Known browsers: those in which somebody has typed the right password of an account.

A cookie names them. Attempts from a known browser are counted apart, so a stranger who guesses the
password of an account cannot use up the attempts of its owner.

The cookie holds a token for each of the last accounts that were used in the browser. A token is
signed, together with the stored password of its account: it is worthless for any other account, and
after a change of the password.
"""

import secrets

from django.core import signing

from chat.models import User
from chat.names.usernames import MAX_TYPED_USERNAME

COOKIE = "known_browser"
KNOWN_FOR = 180 * 24 * 3600  # seconds after the last sign-in
MAX_ACCOUNTS = 4  # accounts for which one browser is known
MAX_COOKIE = 1_000  # characters
SEPARATOR = "|"
ID_BYTES = 12


def remembered(user: User, cookie: str) -> str:
    """Return the cookie of a browser that is known for an account from now on.

    `cookie` is the one that the browser has; it may be empty or hold anything.
    """
    others = [token for token in _tokens(cookie) if _browser(user, token) is None]
    token = signing.dumps(secrets.token_urlsafe(ID_BYTES), salt=_salt(user))
    return SEPARATOR.join([token, *others[: MAX_ACCOUNTS - 1]])


def identify(cookie: str, account: str) -> str | None:
    """Return the id of a browser that is known for an account; None if it is not known.

    `account` is the name of the account as somebody has typed it. A browser without a cookie costs
    no query of the database.
    """
    tokens = _tokens(cookie)
    user = _user(account) if tokens else None
    if user is None or not user.is_active:
        return None
    return next(filter(None, (_browser(user, token) for token in tokens)), None)


def is_known_for(cookie: str, user: User) -> bool:
    """Return whether a browser with this cookie is known for an account."""
    return any(_browser(user, token) for token in _tokens(cookie))


def _user(account):
    if len(account) > MAX_TYPED_USERNAME or "\0" in account:
        return None
    try:
        return User.objects.get_by_natural_key(account)
    except (User.DoesNotExist, UnicodeEncodeError):
        return None


def _tokens(cookie):
    if not cookie or len(cookie) > MAX_COOKIE:
        return []
    return cookie.split(SEPARATOR)[:MAX_ACCOUNTS]


def _browser(user: User, token: str) -> str | None:
    """Return the id of the browser in a token; None if the token is not one of this account."""
    try:
        browser = signing.loads(token, salt=_salt(user), max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return browser if isinstance(browser, str) else None


def _salt(user):
    return f"known browser of {user.pk} with {user.password}"
