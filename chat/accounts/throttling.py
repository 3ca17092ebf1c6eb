"""Limits on what strangers may try: passwords, sign-ups, and whatever else makes a password hash.

Callers give the address of the client (see `chat.servers.clients`; empty for a client without one),
the name of the account as it was typed, and the cookie of the browser (see `known_browsers`):

    with throttling.checking_password(address, account, cookie) as attempt:
        if authenticate(request, username=account, password=password):
            attempt.note_right_password()

An attempt is counted before a hash is made for it. It then holds one of the few places that its
address has for hashes.

Attempts from a browser that is known for the account have budgets of their own, and the budgets of
the address do not bind them. So nobody can use up the attempts of an account's owner. All clients
without an address share one budget.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from chat.accounts import hashing, known_browsers
from chat.accounts.addresses import network_of
from chat.accounts.budgets import (
    Budget,
    Clock,
    Limit,
    TooManyAttempts,
    check,
    reset,
    spend,
    take_back,
)
from chat.models import User
from chat.names.keys import key_of

__all__ = [
    "TooManyAttempts",
    "checking_password",
    "count_key_check",
    "count_reset_mail",
    "count_reset_request",
    "setting_password",
    "signing_up",
]

MAX_ACCOUNT_TEXT = 254  # characters of the name of an account that are compared

MINUTES, HOUR, DAY = 60, 3600, 24 * 3600  # seconds

# The limits: what is counted, how often it may happen, and the window in seconds.
# Unknown browsers
WRONG_FOR_ACCOUNT_FROM_ADDRESS = Limit("wrong for account from address", 10, 5 * MINUTES)
WRONG_FROM_ADDRESS = Limit("wrong from address", 50, 5 * MINUTES)
CHECKED_FROM_ADDRESS = Limit("checked from address", 200, 5 * MINUTES)
# One stranger with an IPv4 address and an IPv6 network reaches 240 in an hour.
WRONG_FOR_ACCOUNT = Limit("wrong for account", 250, HOUR)
WRONG_WITHOUT_ADDRESS = Limit("wrong without address", 500, 5 * MINUTES)
CHECKED_WITHOUT_ADDRESS = Limit("checked without address", 1000, 5 * MINUTES)
# Known browsers
WRONG_FROM_BROWSER = Limit("wrong from known browser", 10, 5 * MINUTES)
CHECKED_FROM_BROWSERS = Limit("checked from known browsers of account", 60, 5 * MINUTES)
# Access keys
WRONG_KEYS_FROM_ADDRESS = Limit("wrong keys from address", 50, 5 * MINUTES)
WRONG_KEYS_WITHOUT_ADDRESS = Limit("wrong keys without address", 500, 5 * MINUTES)
# Others
NEW_ACCOUNTS = Limit("new accounts from address", 50, HOUR)
SIGN_UPS = Limit("sign-ups from address", 100, HOUR)  # also those that failed after the hash
SIGN_UPS_WITHOUT_ADDRESS = Limit("sign-ups without address", 500, HOUR)
NEW_PASSWORDS = Limit("new passwords by link for account", 10, HOUR)
# Forgotten passwords
RESETS = Limit("resets from address", 20, HOUR)
RESETS_WITHOUT_ADDRESS = Limit("resets without address", 300, HOUR)
MAILS_FOR_MAILBOX_FROM_ADDRESS = Limit("reset mails for mailbox from address", 5, DAY)
MAILS_FOR_MAILBOX = Limit("reset mails for mailbox", 15, DAY)
MAILS_FOR_MAILBOX_FROM_BROWSERS = Limit("reset mails for mailbox from known browsers", 15, DAY)
MAILS_FOR_BROWSERS_OF_ACCOUNT = Limit("reset mails for known browsers of account", 5, DAY)

# Places for hashes that run or wait at the same time; see `hashing.HashingLimit.place`
PLACES_OF_ADDRESS = 2
PLACES_OF_BROWSERS_AT_ADDRESS = 2  # known browsers
PLACES_WITHOUT_ADDRESS = 4
RETRY_PLACE_AFTER = 5  # seconds


class PasswordBudgets(NamedTuple):
    """The budgets that bind a check of a password."""

    of_account_here: list[Budget]  # wrong passwords of one account from one address or browser
    of_wrong: list[Budget]  # other wrong passwords
    of_checked: list[Budget]  # wrong and right ones

    @property
    def all(self) -> list[Budget]:
        return [*self.of_account_here, *self.of_wrong, *self.of_checked]


class PasswordAttempt:
    """A check of the password of an account. It counts as wrong until it is known to be right."""

    def __init__(self, budgets: PasswordBudgets, now: Clock) -> None:
        self._budgets = budgets
        self._now = now

    def note_right_password(self) -> None:
        """Forget the wrong passwords of this account from here, and take this attempt back.

        Other wrong passwords from the same address stay counted. Otherwise somebody could sign in
        to an account of their own after each few guesses at other accounts.
        """
        reset(*self._budgets.of_account_here, now=self._now)
        take_back(*self._budgets.of_wrong, now=self._now)


@contextmanager
def checking_password(
    address: str, account: str, browser: str = "", now: Clock = time.time
) -> Iterator[PasswordAttempt]:
    """Count a check of the password of an account, and hold a place for its hashes.

    `browser` is the cookie of the browser. Raises TooManyAttempts, or TooManyHashes.
    """
    name = account.strip()[:MAX_ACCOUNT_TEXT]
    known = known_browsers.identify(browser, name)
    budgets = _of_known(known, key_of(name)) if known else _of_unknown(address, key_of(name))
    check(*budgets.all, now=now)
    with _place(address, is_known=known is not None):
        spend(*budgets.all, now=now)
        yield PasswordAttempt(budgets, now)


def _of_known(browser: str, account: str) -> PasswordBudgets:
    return PasswordBudgets(
        of_account_here=[WRONG_FROM_BROWSER.of(account, browser)],
        of_wrong=[],
        of_checked=[CHECKED_FROM_BROWSERS.of(account)],
    )


def _of_unknown(address: str, account: str) -> PasswordBudgets:
    of_all = WRONG_FOR_ACCOUNT.of(account)
    if not address:
        return PasswordBudgets(
            of_account_here=[],
            of_wrong=[WRONG_WITHOUT_ADDRESS.of(), of_all],
            of_checked=[CHECKED_WITHOUT_ADDRESS.of()],
        )
    network = network_of(address)
    return PasswordBudgets(
        of_account_here=[WRONG_FOR_ACCOUNT_FROM_ADDRESS.of(network, account)],
        of_wrong=[WRONG_FROM_ADDRESS.of(network), of_all],
        of_checked=[CHECKED_FROM_ADDRESS.of(network)],
    )


def count_key_check(address: str, now: Clock = time.time) -> Callable[[], None]:
    """Count a check of an access key. Raises TooManyAttempts.

    Returns a function that takes the count back, for a right key. Keys cannot be guessed, so the
    limit only bounds what programs with a wrong one cost.
    """
    if address:
        budget = WRONG_KEYS_FROM_ADDRESS.of(network_of(address))
    else:
        budget = WRONG_KEYS_WITHOUT_ADDRESS.of()
    spend(budget, now=now)
    return lambda: take_back(budget, now=now)


@contextmanager
def signing_up(address: str, now: Clock = time.time) -> Iterator[None]:
    """Count a new account, and hold a place for its hash.

    An account that cannot be created, which raises an exception, counts as an attempt only. Raises
    TooManyAttempts, or TooManyHashes.
    """
    network = network_of(address)
    new = [NEW_ACCOUNTS.of(network)] if address else []
    tried = [SIGN_UPS.of(network)] if address else [SIGN_UPS_WITHOUT_ADDRESS.of()]
    check(*new, *tried, now=now)
    with _place(address):
        spend(*new, *tried, now=now)
        try:
            yield
        except Exception:
            take_back(*new, now=now)
            raise


@contextmanager
def setting_password(address: str, account: str, now: Clock = time.time) -> Iterator[None]:
    """Count a new password that is set by a secret link, and hold a place for its hash.

    Only holders of a valid link may get here, so only the account is counted. Raises
    TooManyAttempts, or TooManyHashes.
    """
    budget = NEW_PASSWORDS.of(account)
    check(budget, now=now)
    with _place(address):
        spend(budget, now=now)
        yield


def count_reset_request(address: str, now: Clock = time.time) -> None:
    """Count a request for a mail with a link for a new password. Raises TooManyAttempts."""
    spend(RESETS.of(network_of(address)) if address else RESETS_WITHOUT_ADDRESS.of(), now=now)


def count_reset_mail(
    address: str, mailbox: str, known_for: User | None = None, now: Clock = time.time
) -> Callable[[], None]:
    """Count a mail with links for new passwords, which somebody at an address has asked for.

    `known_for` is an account of the mailbox that the browser is known for. Raises TooManyAttempts.
    Returns a function that takes the count back, for a mail that could not be sent.
    """
    if known_for is not None:
        budgets = [
            MAILS_FOR_MAILBOX_FROM_BROWSERS.of(mailbox),
            MAILS_FOR_BROWSERS_OF_ACCOUNT.of(known_for.pk),
        ]
    else:
        budgets = [MAILS_FOR_MAILBOX.of(mailbox)]
        if address:
            budgets.append(MAILS_FOR_MAILBOX_FROM_ADDRESS.of(network_of(address), mailbox))
    spend(*budgets, now=now)
    return lambda: take_back(*budgets, now=now)


@contextmanager
def _place(address: str, is_known: bool = False) -> Iterator[None]:
    """Hold one of the places for hashes of an address."""
    if not address:
        client, most = "", PLACES_WITHOUT_ADDRESS
    elif is_known:
        client, most = f"known {network_of(address)}", PLACES_OF_BROWSERS_AT_ADDRESS
    else:
        client, most = network_of(address), PLACES_OF_ADDRESS
    with ExitStack() as held:
        try:
            held.enter_context(hashing.limit.place(client, most))
        except hashing.TooManyHashesOfClient:
            raise TooManyAttempts(RETRY_PLACE_AFTER, "hashes of address") from None
        yield
