"""Deactivated and disconnected people lose their connections on a running server."""

import asyncio
import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from tests.support.clients import TextMember
from tests.support.delivery import web_members
from tests.support.servers import Server

PASSWORD = "correct horse 9"


def test_deactivated_and_disconnected_people_are_cut_off_at_both_doors():
    with Server(DJANGO_SUPERUSER_PASSWORD=PASSWORD) as server:
        options = ["--username", "root", "--email", "root@example.org"]
        server.manage("createsuperuser", "--noinput", *options)
        client = AdminClient(server)
        client.post("/accounts/login/", username="root", password=PASSWORD)
        name, closed, seen, refused = asyncio.run(administrate(server, client))
    assert closed[0] == 4401
    assert seen[-2:] == [("left", name), ("left", "carol")]
    assert (refused["type"], refused["code"]) == ("bye", "sign_in")


async def administrate(server, client):
    """Deactivate a web member and disconnect a guest.

    Return the member's name, how the member was closed, the events that bob saw, and the answer to
    the member's attempt to connect again.
    """
    member, bob = web_members(server, 2)
    guest = TextMember(server, "carol")
    for person in (bob, member, guest):
        await person.enter()
    await asyncio.to_thread(client.run_action, "user", "deactivate", member.name)
    closed = await member.until_closed()
    await bob.until_line(lambda line: (line["kind"], line["name"]) == ("left", member.name))
    await asyncio.to_thread(client.run_action, "presence", "disconnect", "carol")
    await guest.until_closed()
    await bob.until_line(lambda line: (line["kind"], line["name"]) == ("left", "carol"))
    seen = [(line["kind"], line["name"]) for line in bob.lines]
    refused = await member.enter()
    await bob.leave()
    return member.name, closed, seen, refused


class AdminClient:
    """An HTTP client with cookies, for the admin pages of a running server."""

    def __init__(self, server):
        self.server = server
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()),
            urllib.request.ProxyHandler({}),
        )

    def get(self, page):
        with self.opener.open(self.server.url + page) as response:
            return response.read().decode()

    def post(self, page, **form):
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page))
        data = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(self.server.url + page, data) as response:
            return response.read().decode()

    def run_action(self, model, action, name):
        """Run an action on the only row that a search for `name` finds."""
        page = f"/admin/chat/{model}/?q={name}"
        (pk,) = re.findall(r'name="_selected_action" value="(\d+)"', self.get(page))
        return self.post(page, action=action, _selected_action=pk, index=0)
