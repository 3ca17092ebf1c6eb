"""The addresses of people in the admin site, for staff who may view them."""

import pytest
from django.utils import timezone

from chat.room import seen_addresses
from chat.room.seen_addresses import Sighting
from tests.support.admin import create_staff, listed, signed_in

PAGE = "/admin/chat/seenaddress/"


@pytest.fixture
def sightings(alice):
    now = timezone.now()
    seen_addresses.store(
        [
            Sighting("alice", alice.pk, "192.0.2.1", now),
            Sighting("Eve", None, "192.0.2.1", now),
            Sighting("Eve", None, "2001:db8::1", now),
        ]
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("q=еve", 2),
        ("q=192.0.2.1", 2),
        ("q=eve+192.0.2.1", 1),
        ("q=2001:DB8::0001", 1),
        ("q=network:2001:0db8::/48", 1),
        ("q=address:::ffff:192.0.2.1", 2),
        ("q=network:192.0.2.0/24", 2),
        ("person=EVE", 2),
        ("address=192.0.2.1", 2),
        ("q=bob", 0),
    ],
)
def test_addresses_are_found_by_name_and_address(root_client, sightings, query, found):
    assert len(listed(root_client.get(f"{PAGE}?{query}"))) == found


def test_only_staff_who_may_view_addresses_see_where_people_were(sightings):
    assert signed_in(create_staff("moderate", "view_seenaddress")).get(PAGE).status_code == 403
    client = signed_in(create_staff("view_addresses", name="detective"))
    rows = listed(client.get(PAGE))
    assert len(rows) == 3
    page = f"{PAGE}{rows[0].pk}/"
    assert client.get(f"{page}change/").status_code == 200
    assert client.post(f"{page}change/", {"name": "x"}).status_code == 403
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
