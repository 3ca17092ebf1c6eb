"""The list of rooms on the page, and some rooms of every kind for it."""

from tests.support.scripted_rooms import a_summary

SOME_ROOMS = [
    a_summary(2, name="Garden", unread=3, mentions=1, last=5, read=2),
    a_summary(3, name="Board", kind="private"),
    a_summary(4, name="", kind="direct", people=["bob"], unread=2, last=2),
    a_summary(5, name="Attic", level="nothing", unread=4, last=4),
]


def rooms_of(page):
    return page.locator("[data-sidebar] [data-room-link]")


def room_link(page, name):
    return page.locator("[data-sidebar]").get_by_role("link", name=name)


def go(page, name):
    room_link(page, name).click()
