"""Accounts: coming in, changing, and going, with what it does to open connections."""

import re
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Event, Lock

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from chat.accounts import first_administrator, hashing, lifecycle, sessions, throttling
from chat.models import Connection, Message, Presence, Process, Room, User
from chat.names import key_of
from chat.room import presence
from tests.support.guessing import begin_to_guess

PASSWORD = "correct horse 9"
NEW_PASSWORD = "battery staple 7"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_guesses_yet():
    begin_to_guess(5)
    cache.clear()


@pytest.fixture
def lobby():
    return Room.first()


@pytest.fixture
def process():
    return Process.objects.create(host="here", pid=1, started="now")


@pytest.fixture
def alice():
    return lifecycle.sign_up("alice", PASSWORD, "alice@example.org")


@pytest.fixture
def enter(lobby, process):
    """Let somebody into the lobby, the way a consumer does; the id of their connection."""

    def enter(user, session_key="", name=None):
        door = Connection.Door.WEB if user else Connection.Door.LEGACY
        entrant = presence.Entrant(
            name or user.username, user and user.pk, process.pk, door, session_key
        )
        (stay,) = presence.enter(lobby.pk, [entrant])
        return stay.connection_id

    return enter


def browser_of(user, password=PASSWORD):
    browser = Client()
    assert browser.login(username=user.username, password=password)
    return browser


def signed_in(session_key):
    return sessions.users_of([session_key]).get(session_key)


def sign_up_form(**changes):
    return {"username": "alice", "password1": PASSWORD, "password2": PASSWORD, **changes}


def open_connections():
    return set(Connection.objects.values_list("pk", flat=True))


# Signing up


def test_who_signs_up_is_in_the_room(client):
    response = client.post("/accounts/signup/", sign_up_form(), follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert response.context["user"].username == "alice"


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "aIice", "a1ice"])
def test_a_name_that_looks_like_an_account_is_taken(client, alice, name):
    response = client.post("/accounts/signup/", sign_up_form(username=name))

    assert "taken" in response.context["form"].errors["username"][0]
    assert User.objects.count() == 1


def test_a_name_that_a_guest_holds_is_free_once_the_guest_has_left(client, enter, lobby):
    held = enter(None, name="alice")
    refused = client.post("/accounts/signup/", sign_up_form(username="Alice"))
    presence.leave(lobby.pk, [held])
    client.post("/accounts/signup/", sign_up_form(username="Alice"))

    assert "taken" in refused.context["form"].errors["username"][0]
    assert User.objects.get().username == "Alice"


def test_a_race_for_a_name_ends_in_a_sentence(client, monkeypatch):
    def somebody_was_faster(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(User, "save", somebody_was_faster)
    response = client.post("/accounts/signup/", sign_up_form())

    assert response.status_code == 200
    assert "taken" in response.context["form"].errors["username"][0]


def test_who_was_barred_a_moment_ago_is_refused_at_the_door(alice, lobby, process):
    User.objects.update(is_active=False)
    entrant = presence.Entrant("alice", alice.pk, process.pk, "web")
    (refused,) = presence.enter(lobby.pk, [entrant])
    assert refused.code == "gone"
    assert not Presence.objects.exists()


def test_a_guest_who_comes_in_while_the_password_is_hashed_keeps_the_name(monkeypatch, lobby):
    hash_it = User.set_password

    def hash_slowly(user, password):
        hash_it(user, password)
        process = presence.register("here", 1, "then")
        presence.enter(lobby.pk, [presence.Entrant("dora", None, process, "legacy")])

    monkeypatch.setattr(User, "set_password", hash_slowly)
    with pytest.raises(lifecycle.NameTaken):
        lifecycle.sign_up("dora", PASSWORD)
    assert not User.objects.exists()


def test_of_many_who_sign_up_at_once_under_one_name_one_does():
    def sign_up(name):
        try:
            lifecycle.sign_up(name, PASSWORD)
        except lifecycle.NameTaken:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(sign_up, ["alice", "Alice", "ALICE", "aIice"] * 2))

    assert outcomes.count(True) == 1
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "two words"}, "username"),
        ({"username": "a" * 31}, "username"),
        ({"username": "nul\0"}, "username"),
        ({"username": ""}, "username"),
        ({"password2": "something else 5"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"username": "correct_horse", "password1": "correct_horse"}, "password2"),
        ({"email": "no address"}, "email"),
    ],
)
def test_a_form_that_will_not_do_says_where(client, changes, field):
    response = client.post("/accounts/signup/", sign_up_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_closed_sign_up_says_so_and_makes_no_account(client, settings):
    settings.SIGNUP = "closed"

    assert "Sign-up is closed" in client.get("/accounts/signup/").content.decode()
    assert client.post("/accounts/signup/", sign_up_form()).status_code == 403
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_open_sign_up_is_linked_from_signing_in(client):
    assert "/accounts/signup/" in client.get("/accounts/login/").content.decode()


# Signing in and out


@pytest.mark.parametrize("name", ["alice", "Alice", "ALICE"])
def test_a_name_signs_in_however_it_is_written(client, alice, name):
    response = client.post("/accounts/login/", {"username": name, "password": PASSWORD})

    assert response.url == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, alice):
    answers = [
        client.post("/accounts/login/", {"username": name, "password": "wrong"})
        for name in ("alice", "nobody")
    ]

    assert answers[0].context["form"].errors == answers[1].context["form"].errors


def test_after_ten_wrong_passwords_the_right_one_must_wait(client, alice):
    wrong = {"username": "alice", "password": "wrong"}
    answers = [client.post("/accounts/login/", wrong).status_code for _ in range(10)]
    response = client.post("/accounts/login/", {"username": "Alice", "password": PASSWORD})

    assert answers == [200] * 10
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300
    assert "Please wait" in response.content.decode()
    assert response.context["form"].initial == {"username": "Alice"}  # and no password
    assert 'value="Alice"' in response.content.decode()


def test_the_wait_for_one_name_is_not_a_wait_for_another(client, alice):
    for _ in range(11):
        client.post("/accounts/login/", {"username": "bob", "password": "wrong"})
    response = client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})

    assert response.status_code == 302


@pytest.mark.parametrize("hidden", [" " * 300, "\u3000" * 300, "\u200b" * 300])
def test_a_name_behind_much_that_does_not_show_is_guessed_at_no_more_often(client, alice, hidden):
    User.objects.create_user("mallory", password=PASSWORD)
    for _ in range(4):
        for _ in range(9):
            client.post("/accounts/login/", {"username": f"{hidden}alice", "password": "wrong"})
        own = {"username": f"{hidden}mallory", "password": PASSWORD}
        Client().post("/accounts/login/", own)
    response = client.post("/accounts/login/", {"username": f"{hidden}alice", "password": PASSWORD})

    assert response.status_code != 302


def test_what_is_too_long_for_a_name_is_not_looked_at(client, django_assert_num_queries):
    accents = "\u0301\u0316" * 500_000  # normalising these would take an hour
    with django_assert_num_queries(0):
        response = client.post("/accounts/login/", {"username": accents, "password": "wrong"})

    assert response.status_code == 200
    assert "at most 30 characters" in response.content.decode()
    assert len(key_of(accents)) == 64


@pytest.fixture
def no_turns(monkeypatch, settings):
    """As many passwords are hashed as may be at once, and as many wait as may."""
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]
    limit = hashing.HashingLimit(running=1, admitted=1)
    monkeypatch.setattr(hashing, "limit", limit)
    with limit.slot():
        yield


@pytest.mark.parametrize(
    ("page", "more"), [("login", {"password": "x"}), ("signup", {"password1": "correct horse 9"})]
)
def test_when_too_many_passwords_wait_for_their_hash_one_is_told_to_come_back(
    client, no_turns, page, more
):
    given = {"username": "carol", **more, "password2": more.get("password1", "")}
    response = client.post(f"/accounts/{page}/", given)

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "try again" in response.content.decode()
    assert not User.objects.exists()


def test_passwords_are_hashed_a_few_at_a_time(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]
    running, most, lock = 0, 0, Lock()
    full = Event()

    def hashed(*arguments):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(0.01)
        with lock:
            running -= 1
        return "hashed"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", hashed)
    with ThreadPoolExecutor(hashing.MAX_ADMITTED) as threads:
        assert set(threads.map(make_password, ["x"] * hashing.MAX_ADMITTED)) == {"hashed"}
    assert most == hashing.MAX_RUNNING


def test_an_address_makes_so_many_accounts_in_an_hour(client, monkeypatch):
    monkeypatch.setattr(throttling, "MAX_SIGN_UPS", 2)

    def sign_up(name, address):
        given = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
        return Client(REMOTE_ADDR=address).post("/accounts/signup/", given)

    here = [sign_up(name, "192.0.2.1").status_code for name in ("alice", "alice", "bob")]
    response = sign_up("carol", "192.0.2.1")
    elsewhere = sign_up("dave", "192.0.2.2")
    monkeypatch.setattr(lifecycle, "is_taken", lambda name: False)  # somebody is faster
    too_late = [sign_up("dave", "192.0.2.3").status_code for _ in range(4)]

    assert here == [302, 200, 302]  # what was refused is no account
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "Please wait" in response.content.decode()
    assert response.context["form"].initial == {"username": "carol"}  # and no password
    assert 'value="carol"' in response.content.decode()
    assert elsewhere.status_code == 302
    assert too_late == [200] * 4
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "bob", "dave"}


def test_guesses_are_forgotten_with_time_and_with_the_right_password():
    def guess_until_told_to_wait(now):
        for tries in range(1, 20):
            try:
                throttling.count_attempt("1.2.3.4", "alice", now=lambda: now)
            except throttling.TooManyAttempts as error:
                return tries, error.retry_after
        return None

    assert guess_until_told_to_wait(300_010) == (11, 290)
    assert guess_until_told_to_wait(300_310) == (11, 290)
    throttling.forget_attempts("1.2.3.4", "alice", now=lambda: 300_310)
    assert guess_until_told_to_wait(300_310) == (11, 290)


@pytest.mark.parametrize(
    ("address", "neighbour", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
        ("reset", "reset", True),
    ],
)
def test_who_guesses_from_many_addresses_of_one_network_is_one_guesser(address, neighbour, same):
    def guess(address):
        throttling.count_attempt(address, "alice", now=lambda: 300_010)

    for _ in range(10):
        guess(address)
    if same:
        with pytest.raises(throttling.TooManyAttempts):
            guess(neighbour)
    else:
        guess(neighbour)


def test_signing_out_closes_what_this_browser_has_open(alice, enter):
    here, elsewhere = browser_of(alice), browser_of(alice)
    enter(alice, here.session.session_key)
    stays = enter(alice, elsewhere.session.session_key)

    here.post("/accounts/logout/")

    assert open_connections() == {stays}
    assert here.get("/").status_code == 302
    assert elsewhere.get("/").status_code == 200


def test_signing_out_by_the_admin_site_closes_too(alice, enter):
    browser = browser_of(alice)
    enter(alice, browser.session.session_key)

    browser.post("/admin/logout/")

    assert not open_connections()
    assert not Presence.objects.exists()


def test_a_link_does_not_sign_out(alice):
    browser = browser_of(alice)

    assert browser.get("/accounts/logout/").status_code == 405
    assert browser.get("/").status_code == 200


# Whose browser it is, for the WebSocket


def test_a_session_tells_its_user_in_two_queries(alice, django_assert_num_queries):
    key = browser_of(alice).session.session_key

    with django_assert_num_queries(2):
        assert signed_in(key) == alice


@pytest.mark.parametrize("key", [None, "", "x" * 32, "a\0b", "é" * 32, "x' OR 1=1"])
def test_an_unknown_session_is_nobodys(key):
    assert signed_in(key) is None


def test_nobody_is_signed_in_after_signing_out_or_being_deactivated(alice):
    browser, other = browser_of(alice), browser_of(alice)
    key, other_key = browser.session.session_key, other.session.session_key
    browser.post("/accounts/logout/")
    before = signed_in(other_key)
    User.objects.update(is_active=False)

    assert signed_in(key) is None
    assert before == alice
    assert signed_in(other_key) is None


def test_a_session_from_before_a_change_of_password_is_nobodys_and_is_left_alone(alice):
    key = browser_of(alice).session.session_key
    lifecycle.set_password(alice, NEW_PASSWORD)

    assert signed_in(key) is None
    assert import_module(settings.SESSION_ENGINE).SessionStore().exists(key)


def test_of_many_sessions_those_are_told_that_nobody_is_signed_in_with(
    alice, client, django_assert_num_queries
):
    bob, dora, eve = (lifecycle.sign_up(name, PASSWORD) for name in ("bob", "dora", "eve"))
    at_desk, on_phone, of_bob, of_dora, of_eve, expired = (
        browser_of(user).session.session_key for user in (alice, alice, bob, dora, eve, alice)
    )
    client.session.save()
    anybody = client.session.session_key
    lifecycle.set_password(bob, NEW_PASSWORD)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    User.objects.filter(pk=eve.pk).delete()
    Session.objects.filter(pk=expired).update(expire_date=timezone.now())
    ended = {of_bob, of_dora, of_eve, expired, anybody, "x" * 32}
    asked = [at_desk, on_phone, *ended]

    with django_assert_num_queries(2):
        assert sessions.not_signed_in(asked) == ended
    assert Session.objects.filter(pk__in=ended).count() == len(ended) - 1


def test_no_session_is_nobodys_where_none_is_asked_for():
    assert sessions.not_signed_in([]) == set()


def test_what_cannot_be_a_session_key_spoils_nobody_elses_look(alice):
    key = browser_of(alice).session.session_key
    odd = ["", "\0", "a" * 9 + "\0", "é" * 32, "x" * 10_000, "' OR 1=1 --", "\ud800"]

    assert sessions.users_of([*odd, key]) == {key: alice}
    assert sessions.not_signed_in([*odd, key]) == set(odd)


def test_a_session_made_under_a_former_secret_key_still_counts(alice, settings):
    key = browser_of(alice).session.session_key
    # The session's own signature is not what this is about: keep it readable under both keys.
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be one, for the test of rotation"

    assert signed_in(key) == alice
    assert not sessions.not_signed_in([key])
    settings.SECRET_KEY_FALLBACKS = []
    assert signed_in(key) is None
    assert sessions.not_signed_in([key]) == {key}


# When the room is locked for too long, so that nothing can be closed: all as before, and again


@pytest.fixture
def stuck(monkeypatch):
    """Let the next try to end connections fail."""

    def fail_once(*args):
        monkeypatch.undo()
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(presence, "expire", fail_once)


def test_deactivating_can_be_repeated(alice, enter, stuck):
    enter(alice)
    with pytest.raises(OperationalError):
        lifecycle.deactivate(alice)
    assert User.objects.get(is_active=True) == alice

    lifecycle.deactivate(User.objects.get())

    assert not User.objects.filter(is_active=True).exists()
    assert not open_connections()


def test_changing_the_password_can_be_repeated(alice, enter, stuck):
    here, elsewhere = browser_of(alice), browser_of(alice)
    here.raise_request_exception = False
    key = here.session.session_key
    stays = enter(alice, key)
    enter(alice, elsewhere.session.session_key)
    form = {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    assert here.post("/accounts/password/", form).status_code == 500
    assert here.session.session_key == key
    assert not sessions.not_signed_in([key, elsewhere.session.session_key])
    assert len(open_connections()) == 2

    assert here.post("/accounts/password/", form).status_code == 302
    assert here.session.session_key != key
    assert open_connections() == {stays}
    browser_of(alice, NEW_PASSWORD)


def test_a_new_password_leaves_no_moment_without_a_session(alice, enter, monkeypatch):
    browser = browser_of(alice)
    enter(alice, browser.session.session_key)
    seen = []

    def wake_all():
        seen.append(
            sessions.not_signed_in(Connection.objects.values_list("session_key", flat=True))
        )

    monkeypatch.setattr("chat.live.process.wake_all", wake_all)
    form = {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    browser.post("/accounts/password/", form)

    assert seen == [set()]


def test_resetting_the_password_can_be_repeated(alice, enter, stuck):
    enter(alice)
    with pytest.raises(OperationalError):
        lifecycle.set_password(alice, NEW_PASSWORD)
    browser_of(alice, PASSWORD)

    lifecycle.set_password(alice, NEW_PASSWORD)

    assert not open_connections()
    browser_of(alice, NEW_PASSWORD)


def test_deleting_an_account_can_be_repeated_by_its_owner(alice, enter, monkeypatch):
    browser = browser_of(alice)
    browser.raise_request_exception = False
    enter(alice, browser.session.session_key)
    with monkeypatch.context() as patch:

        def fail(user):
            raise OperationalError("canceling statement due to lock timeout")

        patch.setattr(lifecycle.transcript, "forget_author", fail)
        assert browser.post("/accounts/delete/", {"password": PASSWORD}).status_code == 500
    assert User.objects.get().is_active

    assert browser.post("/accounts/delete/", {"password": PASSWORD}).status_code == 302
    assert not User.objects.exists()
    assert browser.get("/").status_code == 302


def test_an_account_that_was_barred_stays_so_when_deleting_it_fails(alice, monkeypatch):
    lifecycle.deactivate(alice)

    def fail(user):
        raise OperationalError

    monkeypatch.setattr(lifecycle.transcript, "forget_author", fail)
    with pytest.raises(OperationalError):
        lifecycle.delete(alice)
    assert not User.objects.get().is_active


# Changing


def test_a_new_password_closes_all_but_this_browser(alice, enter):
    here, elsewhere = browser_of(alice), browser_of(alice)
    stays = enter(alice, here.session.session_key)
    enter(alice, elsewhere.session.session_key)

    response = here.post(
        "/accounts/password/",
        {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert response.url == "/accounts/"
    assert open_connections() == {stays}
    assert Connection.objects.get().session_key == here.session.session_key
    assert signed_in(here.session.session_key) == alice
    assert elsewhere.get("/").status_code == 302
    browser_of(alice, NEW_PASSWORD)


def test_a_new_password_needs_the_old_one(alice):
    response = browser_of(alice).post(
        "/accounts/password/",
        {"password": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert list(response.context["form"].errors) == ["password"]
    browser_of(alice)


def test_an_e_mail_address_changes_with_the_password(alice):
    browser = browser_of(alice)
    refused = browser.post("/accounts/email/", {"email": "new@example.org", "password": "wrong"})
    assert list(refused.context["form"].errors) == ["password"]

    browser.post("/accounts/email/", {"email": "new@EXAMPLE.org", "password": PASSWORD})

    alice.refresh_from_db()
    assert alice.email == "new@example.org"


def test_a_lost_password_is_set_anew_by_a_link_that_works_once(alice, enter):
    enter(alice, browser_of(alice).session.session_key)
    anybody = Client()
    anybody.post("/accounts/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = anybody.get(link, follow=True).redirect_chain[-1][0]
    anybody.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not open_connections()
    browser_of(alice, NEW_PASSWORD)
    assert "used already" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, alice):
    known = client.post("/accounts/reset/", {"email": "alice@example.org"})
    unknown = client.post("/accounts/reset/", {"email": "nobody@example.org"})

    assert known.url == unknown.url
    assert len(mail.outbox) == 1


def test_nobodys_mailbox_is_flooded(client, alice):
    for _ in range(12):
        response = client.post("/accounts/reset/", {"email": "alice@example.org"})

    assert response.status_code == 429
    assert len(mail.outbox) == 10


# Going


def test_what_a_deleted_account_said_stays_without_its_name(alice, enter, lobby):
    here, elsewhere = browser_of(alice), browser_of(alice)
    enter(alice, elsewhere.session.session_key)

    response = here.post("/accounts/delete/", {"password": PASSWORD}, follow=True)

    assert "Your account is deleted" in response.content.decode()
    assert not User.objects.exists()
    assert not Presence.objects.exists()
    assert set(Message.objects.values_list("kind", "name")) == {
        ("entered", "deleted user"),
        ("left", "deleted user"),
    }
    assert elsewhere.get("/").status_code == 302


def test_deleting_an_account_needs_its_password(alice):
    response = browser_of(alice).post("/accounts/delete/", {"password": "wrong"})

    assert list(response.context["form"].errors) == ["password"]
    assert User.objects.exists()


def test_who_comes_in_while_the_account_is_deleted_is_put_out(alice, enter, monkeypatch):
    forget, comings = lifecycle.transcript.forget_author, [alice]

    def forget_and_come_in(user):
        forget(user)
        if comings:  # whom an administrator had activated
            User.objects.update(is_active=True)
            enter(comings.pop())
            User.objects.update(is_active=False)

    monkeypatch.setattr(lifecycle.transcript, "forget_author", forget_and_come_in)
    lifecycle.delete(alice)

    assert not User.objects.exists()
    assert not Presence.objects.exists()
    assert set(Message.objects.values_list("name", flat=True)) == {"deleted user"}


# The first administrator


def test_the_first_administrator_is_made_by_a_link_that_works_once(client):
    token = first_administrator.issue_token()
    link = f"/accounts/first/{token}/"
    assert client.get(link).status_code == 200

    assert client.post(link, sign_up_form()).url == "/"

    user = User.objects.get()
    assert (user.username, user.is_staff, user.is_superuser) == ("alice", True, True)
    assert client.get("/").status_code == 200
    assert Client().get(link).status_code == 404
    assert Client().post(link, sign_up_form(username="mallory")).status_code == 404


def test_a_mistake_leaves_the_link_open(client):
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    client.post(link, sign_up_form(password2="different 4"))

    assert client.get(link).status_code == 200


def test_no_administrator_is_offered_where_there_is_an_account(client, alice):
    assert first_administrator.issue_token() is None
    assert client.get("/accounts/first/None/").status_code == 404


def test_a_guessed_link_leads_nowhere(client):
    first_administrator.issue_token()

    assert client.get("/accounts/first/guess/").status_code == 404
    assert client.get("/accounts/first/%F0%9F%9A%AA/").status_code == 404
    with pytest.raises(first_administrator.InvalidToken):
        first_administrator.create("guess", "mallory", PASSWORD)


def test_a_restart_ends_the_offer(client):
    old = first_administrator.issue_token()
    first_administrator.issue_token()

    assert client.get(f"/accounts/first/{old}/").status_code == 404


def test_the_key_is_what_is_unique(alice):
    with pytest.raises(IntegrityError):
        User.objects.create_user("Alice", "", PASSWORD)
    assert alice.key == key_of("aIice")
