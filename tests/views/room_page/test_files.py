"""Files on the page: choosing, pasting and dropping them, sending, and looking at images."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, message, say
from tests.support.pictures import picture
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome, until

UPLOAD = re.compile("/r/lobby/files/")
PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}


def files_of(page, text):
    """Return the list of files of the message with a text."""
    message = page.locator("[data-lines] .message", has_text=text)
    return message.locator("[data-part=files]")


def tray(page):
    return page.get_by_role("list", name="Files of this message").locator(".attachment")


def choose(page, *files):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(list(files))


def give(page, kind, selector, name="photo.jpg", text=None):
    """Paste or drop a file with the content of a picture, and perhaps a text."""
    page.evaluate(
        """([kind, selector, name, content, text]) => {
            const data = new DataTransfer();
            const bytes = Uint8Array.from(content);
            if (content) data.items.add(new File([bytes], name));
            if (text) data.setData("text/plain", text);
            const options = { bubbles: true, cancelable: true };
            const event = kind === "paste"
              ? new ClipboardEvent(kind, { ...options, clipboardData: data })
              : new DragEvent(kind, { ...options, dataTransfer: data });
            document.querySelector(selector).dispatchEvent(event);
        }""",
        [kind, selector, name, list(picture("PNG", size=(40, 30))), text],
    )


def test_files_go_with_a_message_and_are_shown_to_all(person):
    (page, _), (other, _) = person(), person()
    choose(page, PHOTO, NOTES)
    expect(tray(page)).to_have_count(2)
    expect(page.locator(".attachment[data-state=done]")).to_have_count(2)
    page.get_by_label("Description of photo.jpg").fill("A blue corner")
    say(page, "look at these")
    expect(tray(page)).to_have_count(0)
    for reader in (page, other):
        files = files_of(reader, "look at these")
        image = files.get_by_role("img", name="A blue corner")
        expect(image).to_be_visible()
        expect(image).to_have_js_property("naturalWidth", 640)
        box = image.bounding_box()
        assert (round(box["width"]), round(box["height"])) == (320, 213)
        card = files.get_by_role("link", name="notes.txt")
        expect(card).to_contain_text("5 bytes")
        with reader.expect_download() as download:
            card.click()
        assert download.value.suggested_filename == "notes.txt"


def test_a_message_may_have_files_and_no_text(page):
    choose(page, {**PHOTO, "name": "alone.jpg"})
    expect(tray(page)).to_have_count(1)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("img", name="alone.jpg")).to_be_visible()
    expect(page.locator(".message", has=page.get_by_role("img", name="alone.jpg"))).to_have_count(1)
    expect(tray(page)).to_have_count(0)


@pytest.mark.parametrize(("kind", "selector"), [("paste", "#text"), ("drop", "[data-log]")])
def test_files_are_pasted_and_dropped(page, kind, selector):
    give(page, kind, selector)
    expect(page.locator(".attachment[data-state=done]")).to_have_count(1)
    expect(page.get_by_role("button", name="Remove photo.jpg")).to_be_visible()


def test_a_text_that_is_copied_with_its_image_is_pasted_as_text(page):
    give(page, "paste", "#text", text="from an office")
    give(page, "paste", "#text", name="other.png")
    expect(page.locator(".attachment[data-state=done]")).to_have_count(1)
    expect(page.get_by_role("button", name="Remove other.png")).to_be_visible()


def test_a_message_waits_for_its_files(page):
    held = []
    page.route(UPLOAD, lambda route: held.append(route))
    choose(page, {**PHOTO, "name": "slow.jpg"})
    expect(page.get_by_role("progressbar", name="Sending slow.jpg")).to_be_visible()
    say(page, "wait for it")
    expect(page.get_by_text("The files are on their way")).to_be_visible()
    expect(files_of(page, "wait for it")).to_have_count(0)
    until(page, lambda: held)
    held[0].continue_()
    expect(files_of(page, "wait for it").get_by_role("img", name="slow.jpg")).to_be_visible()
    expect(page.get_by_text("The files are on their way")).to_have_count(0)


def test_a_message_waits_until_what_sends_its_files_is_loaded(page):
    held = []
    page.route(re.compile("/extras/uploader"), lambda route: held.append(route))
    choose(page, {**PHOTO, "name": "early.jpg"})
    until(page, lambda: held)
    say(page, "sent at once")
    expect(page.get_by_text("The files are on their way")).to_be_visible()
    held[0].continue_()
    expect(files_of(page, "sent at once").get_by_role("img", name="early.jpg")).to_be_visible()
    expect(page.get_by_text("The files are on their way")).to_have_count(0)


def test_a_message_does_not_wait_for_what_cannot_be_loaded(page):
    held = []
    page.route(re.compile("/extras/uploader"), lambda route: held.append(route))
    choose(page, PHOTO)
    until(page, lambda: held)
    say(page, "with a photo")
    expect(page.get_by_text("The files are on their way")).to_be_visible()
    held[0].abort()
    expect(page.get_by_text("The files are on their way")).to_have_count(0)
    expect(field(page)).to_have_value("with a photo")
    page.get_by_role("button", name="Send").click()
    expect(message(page, "with a photo")).to_be_visible()


def test_a_file_that_failed_is_sent_again_or_removed(page):
    page.route(UPLOAD, lambda route: route.abort())
    choose(page, PHOTO, NOTES)
    expect(page.locator(".attachment[data-state=failed]")).to_have_count(2)
    expect(tray(page).first).to_contain_text("The connection was lost.")
    assert_accessible(page)
    say(page, "not yet")
    expect(page.get_by_text("Some files were not sent")).to_be_visible()
    page.unroute(UPLOAD)
    page.get_by_role("button", name="Remove notes.txt").click()
    expect(tray(page)).to_have_count(1)
    page.get_by_role("button", name="Try again: photo.jpg").click()
    expect(page.locator(".attachment[data-state=done]")).to_have_count(1)
    page.get_by_role("button", name="Send").click()
    expect(files_of(page, "not yet").get_by_role("img")).to_have_count(1)


def test_a_file_that_is_not_accepted_is_explained_and_can_only_be_removed(page):
    choose(page, {**PHOTO, "buffer": picture()[:500]})
    expect(tray(page)).to_contain_text("This image is damaged")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_files_stay_with_the_room_for_which_they_were_chosen(page):
    choose(page, NOTES)
    expect(page.locator(".attachment[data-state=done]")).to_have_count(1)
    page.reload()
    connected(page)
    expect(tray(page)).to_have_count(0)  # they are forgotten with the page, and deleted in a day


def test_images_do_not_move_the_log_when_they_load(page):
    held = []
    page.route(re.compile("/files/.*/thumbnail"), lambda route: held.append(route))
    image = {"id": "a", "name": "a.jpg", "size": 1, "width": 1200, "height": 800}
    image |= {"url": "/files/a/a.jpg", "thumbnail": "/files/a/thumbnail"}
    ScriptedSocket(page, a_welcome([a_line(1, "before", files=[image]), a_line(2, "after")]))
    after = page.locator(".message", has_text="after")
    expect(after).to_be_visible()
    before = after.bounding_box()
    page.wait_for_function("document.querySelector('.picture img').complete === false")
    until(page, lambda: held)
    held[0].fulfill(body=picture("WEBP", size=(640, 427)), content_type="image/webp")
    expect(page.locator(".picture img")).to_have_js_property("naturalWidth", 640)
    assert after.bounding_box() == before


def test_images_are_looked_at_one_after_the_other_with_the_keyboard(page):
    choose(page, {**PHOTO, "name": "one.jpg"}, {**PHOTO, "name": "two.jpg"})
    expect(page.locator(".attachment[data-state=done]")).to_have_count(2)
    page.get_by_label("Description of two.jpg").fill("The second")
    say(page, "two images")
    expect(page.locator("[data-state=sent]", has_text="two images")).to_have_count(1)
    links = files_of(page, "two images").locator(".picture")
    expect(links).to_have_count(2)
    links.first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="Image")
    expect(viewer.get_by_role("img", name="one.jpg")).to_have_js_property("naturalWidth", 1200)
    assert_accessible(page)
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_role("img", name="The second")).to_be_visible()
    expect(viewer.locator("[data-part=alt]")).to_have_text("The second")
    expect(viewer.get_by_role("button", name="Later")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_role("img", name="one.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(links.first).to_be_focused()


def test_a_deleted_file_says_so(page):
    gone = {"id": "a", "name": "old.pdf", "type": "application/pdf", "size": 5}
    ScriptedSocket(page, a_welcome([a_line(1, "look", files=[gone])]))
    files = files_of(page, "look")
    expect(files).to_have_text("old.pdf deleted")
    expect(files.get_by_role("link")).to_have_count(0)


def test_a_removed_message_shows_its_files_no_more(page):
    card = {"id": "a", "name": "a.pdf", "size": 5, "url": "/files/a/a.pdf"}
    socket = ScriptedSocket(page, a_welcome([a_line(1, "look", files=[card])]))
    expect(files_of(page, "look").get_by_role("link")).to_have_count(1)
    socket.send("lines", lines=[a_line(2, "", kind="removed", of=1)])
    expect(page.get_by_text("This message was removed")).to_be_visible()
    expect(page.locator(".file-card")).to_have_count(0)


def test_names_of_files_are_shown_as_text(page):
    name = "<img src=x onerror=alert(1)>.pdf"
    card = {"id": "a", "name": name, "size": 5, "url": "/files/a/a.pdf"}
    ScriptedSocket(page, a_welcome([a_line(1, "look", files=[card])]))
    expect(files_of(page, "look").locator("bdi")).to_have_text(name)
    expect(page.locator("[data-lines] img")).to_have_count(0)
