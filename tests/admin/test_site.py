"""The pages of the admin site as a whole."""

import re

import pytest

from tests.support.admin import signed_in

PAGES = [
    "",
    "chat/",
    "chat/user/",
    "chat/user/add/",
    "chat/room/",
    "chat/message/",
    "chat/presence/",
    "auth/group/",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_keeps_to_the_content_security_policy(root_client, lobby, page):
    response = root_client.get(f"/admin/{page}")
    html = response.content.decode()
    assert response.status_code == 200
    assert "chat/admin/admin.css" in html
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


@pytest.mark.parametrize("page", PAGES)
def test_a_member_who_is_not_staff_is_denied_access(alice, page):
    assert signed_in(alice).get(f"/admin/{page}", follow=True).status_code == 403
