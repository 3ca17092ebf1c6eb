"""The address that each server's log names for a client, behind a proxy and without one."""

import pytest

from tests.support.form_browser import FormBrowser
from tests.support.servers import Server
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

STRANGER = "127.0.0.9"  # an address of this machine that is no trusted proxy


@pytest.fixture(scope="module", params=["serve", "runserver", "uvicorn"])
def server(request):
    with Server(request.param) as server:
        yield server
        server.assert_no_traceback()


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.9, 192.0.2.2", "192.0.2.2"),
        ("198.51.100.9, [2001:db8::1]:443", "2001:db8::1"),
        ("198.51.100.9, ::ffff:192.0.2.3, 127.0.0.1", "192.0.2.3"),
    ],
)
def test_the_last_address_that_a_trusted_proxy_says_counts(server, forwarded, address):
    FormBrowser(server, forwarded_for=forwarded).post(
        "/accounts/login/", username="nobody", password="wrong"
    )
    wait_until(
        lambda: f'sign_in_failed address="{address}"' in server.output, lambda: server.output
    )
    assert "198.51.100.9" not in server.output


def test_others_cannot_claim_an_address(server):
    browser = FormBrowser(server, address=STRANGER, forwarded_for="198.51.100.9")
    browser.post("/accounts/login/", username="nobody", password="wrong")
    wait_until(
        lambda: f'sign_in_failed address="{STRANGER}"' in server.output, lambda: server.output
    )
    assert "198.51.100.9" not in server.output
