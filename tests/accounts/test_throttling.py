"""Limits on guesses at passwords, and on sign-ups."""

import pytest

from chat.accounts import known_browsers, throttling
from chat.accounts.throttling import TooManyAttempts
from chat.models import Counter

pytestmark = pytest.mark.django_db

NOW = 300_010
ADDRESS, NEIGHBOUR = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def known(alice):
    """The cookie of a browser in which alice has signed in."""
    return known_browsers.remembered(alice, "")


def guess(account="alice", address=ADDRESS, browser="", now=NOW, right=False):
    """Check a password; return the seconds to wait, or None if it was checked."""
    try:
        with throttling.checking_password(address, account, browser, lambda: now) as attempt:
            if right:
                attempt.note_right_password()
    except TooManyAttempts as error:
        return error.retry_after
    return None


def checked(most=300, account="alice", **how):
    """Return how many passwords are checked until one is refused, of at most `most`."""
    names = account if callable(account) else lambda number: account
    return next((n for n in range(most) if guess(names(n), **how)), most)


def invented(number):
    return f"invented{number}"


def test_guesses_at_one_account_are_forgotten_when_the_window_ends():
    assert [guess() for _ in range(12)] == [None] * 10 + [290] * 2
    assert checked(now=300_310) == 10


def test_guesses_at_one_account_are_forgotten_after_the_right_password():
    for _ in range(9):
        guess()

    assert guess(right=True) is None
    assert checked() == 10


def test_the_spelling_of_a_name_does_not_matter():
    for number in range(10):
        guess(f"{' ' * number}{'Alice' if number % 2 else 'аlice'}")

    assert guess("alice")


def test_the_accounts_of_an_address_have_a_budget_together():
    assert checked(account=invented) == 50
    assert checked(account="alice") == 0
    assert checked(account="alice", address=NEIGHBOUR) == 10


def test_signing_in_to_an_own_account_gives_no_more_guesses_at_others():
    for number in range(50):
        guess(invented(number))
        guess("mallory", right=True)

    assert guess("alice")


def test_the_right_passwords_of_one_address_are_limited_too():
    assert checked(account="mallory", right=True) == 200


def test_the_guesses_of_many_addresses_at_one_account_are_limited():
    assert sum(checked(address=f"192.0.2.{n}") for n in range(40)) == 250
    assert checked(account="bob", address=NEIGHBOUR) == 10


def test_one_stranger_cannot_use_up_the_guesses_of_others_at_an_account():
    hour = 3600 * 100
    for now in range(hour, hour + 3600, 300):
        assert checked(now=now) == checked(address="2001:db8::1", now=now) == 10

    assert guess(address=NEIGHBOUR, now=hour + 3599) is None


@pytest.mark.parametrize(
    ("address", "neighbour", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_the_addresses_of_one_network_are_counted_together(address, neighbour, same):
    checked(account=invented, address=address)

    assert checked(account=invented, address=neighbour) == (0 if same else 50)


def test_clients_without_an_address_share_a_total():
    assert checked(account="alice", address="") == 250  # those of the account
    assert checked(1000, account=invented, address="") == 250
    assert guess(address=ADDRESS, account="bob") is None


# Known browsers


def test_guesses_of_strangers_do_not_bind_a_known_browser(known):
    checked(account=invented)
    for number in range(30):
        checked(address=f"192.0.2.{number}")

    assert guess()
    assert checked(browser=known) == 10


def test_a_known_browser_has_its_guesses_back_after_the_right_password(known):
    for _ in range(9):
        guess(browser=known)
    guess(browser=known, right=True)

    assert checked(browser=known) == 10


def test_many_known_browsers_of_one_account_do_not_allow_many_hashes(alice):
    cookies = [known_browsers.remembered(alice, "") for _ in range(20)]

    assert sum(checked(browser=cookie) for cookie in cookies) == 60


def test_the_guesses_of_a_known_browser_leave_those_of_others_alone(known, alice):
    checked(browser=known)

    assert checked(browser=known_browsers.remembered(alice, "")) == 10
    assert checked() == 10


@pytest.mark.parametrize("cookie", ["forged", "of_bob", "x" * 2000, "|||", "\0", "\ud800", ":::"])
def test_an_invalid_cookie_gives_no_guesses(cookie, bob):
    cookie = known_browsers.remembered(bob, "") if cookie == "of_bob" else cookie
    checked(account=invented)

    assert guess("alice", browser=cookie)


# Sign-ups


def sign_up(address=ADDRESS, fails=False):
    """Sign up; return the seconds to wait, or None."""
    try:
        with throttling.signing_up(address, now=lambda: NOW):
            if fails:
                raise RuntimeError
    except TooManyAttempts as error:
        return error.retry_after
    except RuntimeError:
        pass
    return None


def test_the_accounts_that_one_address_creates_are_limited():
    waits = [sign_up() for _ in range(51)]

    assert waits == [None] * 50 + [3600 - NOW % 3600]
    assert sign_up(NEIGHBOUR) is None


def test_sign_ups_that_fail_leave_the_number_of_accounts_but_are_limited_too():
    assert [sign_up(fails=True) for _ in range(60)] == [None] * 60
    assert [sign_up() for _ in range(41)] == [None] * 40 + [3600 - NOW % 3600]


def test_nothing_is_counted_for_what_is_refused():
    checked(account=invented)
    rows = Counter.objects.count()
    checked(account=lambda number: f"other{number}")

    assert Counter.objects.count() <= rows + 2
