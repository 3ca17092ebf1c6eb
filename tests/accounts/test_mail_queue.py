"""Mails in the background: sent, tried again, given up, or left; and never in the log."""

import smtplib
import threading

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import OperationalError

from chat.accounts.mail_queue import Letter, MailQueue, QueueFull, describe, is_final
from tests.support.mail_server import MailServer
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

SECRET = "the-link-that-sets-a-password"


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


@pytest.fixture
def given_up():
    """The subjects of mails that were given up."""
    return []


@pytest.fixture
def letter(server, given_up):
    """A function that makes a mail for the server."""

    def make(subject="hello"):
        backend = "django.core.mail.backends.smtp.EmailBackend"
        connection = get_connection(backend, host="127.0.0.1", port=server.port, timeout=PATIENCE)
        message = EmailMessage(subject, SECRET, to=["ann@example.org"], connection=connection)
        return Letter(message, f"The mail {subject}", lambda: given_up.append(subject))

    return make


def subjects(server):
    return [message["subject"] for message in server.mails]


def test_mails_are_sent_in_their_order(server, letter):
    queue = MailQueue()
    for subject in "abc":
        queue.add(lambda subject=subject: letter(subject))
    assert queue.wait_empty(PATIENCE)
    assert subjects(server) == ["a", "b", "c"]


def test_a_writer_may_find_that_there_is_nothing_to_send(server, letter):
    queue = MailQueue()
    queue.add(lambda: None)
    queue.add(letter)
    assert queue.wait_empty(PATIENCE)
    assert subjects(server) == ["hello"]


def test_a_mail_that_is_refused_for_now_is_sent_again_and_others_do_not_wait_for_it(
    server, letter, given_up
):
    server.answers = ["451 try later"]
    queue = MailQueue(retry_after=(0.3,))
    both_wait = threading.Event()

    def write_first():
        assert both_wait.wait(PATIENCE)
        return letter("first")

    queue.add(write_first)
    queue.add(lambda: letter("second"))
    both_wait.set()
    assert queue.wait_empty(PATIENCE)
    assert subjects(server) == ["second", "first"]
    assert given_up == []


@pytest.mark.parametrize(
    ("answers", "sent_again"),
    [(["451 later"] * 3, 2), (["550 no such user"], 0), (["554 spam"], 0)],
)
def test_a_mail_is_given_up_after_some_attempts_or_a_final_answer(
    server, letter, given_up, caplog, answers, sent_again
):
    server.answers = list(answers)
    queue = MailQueue(retry_after=(0, 0))
    queue.add(letter)
    assert queue.wait_empty(PATIENCE)
    assert (given_up, server.mails, server.answers) == (["hello"], [], [])
    messages = [record.getMessage() for record in caplog.records]
    assert [message.split(" was")[0].split(" is")[0] for message in messages] == (
        ["The mail hello"] * (sent_again + 1)
    )
    assert answers[0][:3] in messages[-1]


def test_no_mail_is_ever_in_the_log(server, letter, caplog):
    queue = MailQueue(retry_after=(0,))
    server.answers = ["451 later", "451 later", "554 spam"]
    queue.add(letter)
    queue.add(letter)
    queue.add(lambda: letter("two\nlines"))
    assert queue.wait_empty(PATIENCE)
    assert len(caplog.records) >= 4
    assert SECRET not in caplog.text


def test_a_mail_server_that_is_away_is_tried_again(letter, given_up, server, caplog):
    server.__exit__()
    queue = MailQueue(retry_after=(0,))
    queue.add(letter)
    assert queue.wait_empty(PATIENCE)
    assert given_up == ["hello"]
    assert "Connection refused" in caplog.text


def test_a_database_that_is_away_while_a_mail_is_written_is_asked_again(server, letter):
    errors = [OperationalError("server closed the connection")]

    def write():
        if errors:
            raise errors.pop()
        return letter()

    queue = MailQueue(retry_after=(0,))
    queue.add(write)
    assert queue.wait_empty(PATIENCE)
    assert subjects(server) == ["hello"]


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x")])
def test_a_mail_that_cannot_be_written_does_not_hinder_others(server, letter, error):
    def write():
        raise error

    queue = MailQueue()
    queue.add(write)
    queue.add(letter)
    assert queue.wait_empty(PATIENCE)
    assert subjects(server) == ["hello"]


def test_a_connection_to_the_database_that_cannot_be_closed_does_not_end_the_queue(
    server, letter, monkeypatch
):
    def fail():
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("chat.accounts.mail_queue.connections.close_all", fail)
    queue = MailQueue()
    for _ in range(2):
        queue.add(letter)
    assert queue.wait_empty(PATIENCE)
    assert len(server.mails) == 2


def test_the_queue_is_bounded(server, letter):
    server.hang()
    queue = MailQueue(most=3)
    queue.add(letter)
    assert server.asked.wait(PATIENCE)  # the first one does not wait any more
    for _ in range(3):
        queue.add(letter)
    with pytest.raises(QueueFull):
        queue.add(letter)
    server.goes_on.set()
    assert queue.wait_empty(PATIENCE)
    assert len(server.mails) == 4


def test_a_stop_sends_what_waits_once_more_and_takes_no_more(server, letter, given_up):
    server.answers = ["451 later"] * 2
    failed = threading.Event()

    def write():
        failed.set()
        return letter("second")

    queue = MailQueue(retry_after=(3600, 3600))
    queue.add(lambda: letter("first"))
    queue.add(write)
    assert failed.wait(PATIENCE)
    queue.stop(PATIENCE)
    assert server.mails != []
    assert sorted([*subjects(server), *given_up]) == ["first", "second"]
    with pytest.raises(QueueFull):
        queue.add(letter)


def test_a_stop_does_not_wait_for_a_mail_server_that_hangs(server, letter, caplog):
    server.hang()
    queue = MailQueue()
    for _ in range(3):
        queue.add(letter)
    assert server.asked.wait(PATIENCE)
    queue.stop(0.1)
    assert "3 mails were not sent before the stop" in caplog.text
    server.goes_on.set()
    assert queue.wait_empty(PATIENCE)  # what the thread logs is no part of the next test


@pytest.mark.parametrize(
    ("error", "final", "text"),
    [
        (smtplib.SMTPDataError(554, b"spam " + SECRET.encode()), True, "SMTPDataError 554"),
        (smtplib.SMTPDataError(451, SECRET.encode()), False, "SMTPDataError 451"),
        (smtplib.SMTPAuthenticationError(535, b"no"), False, "SMTPAuthenticationError"),
        (smtplib.SMTPSenderRefused(501, b"no", "x"), True, "SMTPSenderRefused 501"),
        (
            smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (450, b"later")}),
            False,
            "SMTPRecipientsRefused 450 550",
        ),
        (smtplib.SMTPServerDisconnected(SECRET), False, "SMTPServerDisconnected"),
        (TimeoutError(), False, "TimeoutError"),
        (ConnectionRefusedError(111, "Connection refused"), False, "ConnectionRefusedError"),
        (OperationalError(SECRET), False, "OperationalError"),
    ],
)
def test_an_error_is_described_without_what_a_mail_may_contain(error, final, text):
    assert is_final(error) is final
    assert describe(error).startswith(text)
    assert SECRET not in describe(error)
