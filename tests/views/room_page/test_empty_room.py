"""A room in which nothing was said yet gives the next step."""

from playwright.sync_api import expect

from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome


def test_an_empty_room_says_so_until_somebody_says_something(page):
    socket = ScriptedSocket(page, a_welcome())
    empty = page.locator("[data-empty]")
    expect(empty).to_contain_text("Say hello")
    socket.send("lines", lines=[a_line(1, "hello")])
    expect(empty).to_be_hidden()


def test_staff_are_told_to_invite_people_and_to_name_the_site(page, server):
    empty = page.locator("[data-empty]")
    expect(empty).not_to_contain_text("SITE_NAME")
    server.manage(
        *("shell", "-v0", "-c"),
        "from chat.models import User\n"
        f"User.objects.filter(pk={page.locator('[data-room]').get_attribute('data-account')})"
        ".update(is_staff=True)",
    )
    ScriptedSocket(page, a_welcome())
    expect(empty).to_contain_text("SITE_NAME")
    invitation = empty.get_by_role("link", name="the address for signing up")
    expect(invitation).to_have_attribute("href", "/accounts/signup/")
