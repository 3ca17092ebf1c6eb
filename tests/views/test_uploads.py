"""Sending files to a room and reading them, by HTTP."""

import io
import json
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from django.core.files.storage import storages
from django.test import Client

from chat.files import converting
from chat.models import Upload
from chat.room import creation, moderation, receiving_files, room_rules, targets, uploads
from chat.room.refusal import RefusalCode, Refused
from chat.servers.stored_files import STORED_FILE
from chat.views.uploads import refused
from tests.support.admin import signed_in
from tests.support.moderating import OPERATOR
from tests.support.pictures import picture, png
from tests.support.uploads import say_files, seat_of, send_file

pytestmark = pytest.mark.django_db(transaction=True)

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def browser(upload_folder, lobby, alice):
    return signed_in(alice)


@pytest.fixture
def say(lobby, alice, process):
    """Let alice say a file, and return its address."""
    seat = seat_of(alice, process)

    def say(content, name, room=lobby):
        upload = send_file(room, alice, content, name)
        (file,) = say_files(room, seat, upload).line.files
        return file

    return say


def send(browser, content, name="notes.txt", slug="lobby", **headers):
    return browser.post(
        f"/r/{slug}/files/",
        data=content,
        content_type="application/octet-stream",
        headers={"X-File-Name": name, **headers},
    )


def test_a_file_that_was_sent_is_described(browser):
    answer = send(browser, b"hello", "%E6%97%A5%E6%9C%AC%20notes.txt")
    assert answer.status_code == 201
    upload = Upload.objects.get()
    assert answer.json() == uploads.facts(upload)
    assert (upload.name, upload.is_stored) == ("日本 notes.txt", True)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (bytes((1 << 20) + 1), 413, "file_too_large"),
        (picture()[:500], 400, "damaged"),
        (png(50_000, 50_000, b""), 400, "too_many_pixels"),
    ],
)
def test_a_file_that_is_not_accepted_is_explained(browser, settings, content, status, code):
    settings.UPLOAD_MB = 1
    answer = send(browser, content, "photo.jpg")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["text"].endswith(".") or answer.json()["text"].endswith(").")
    assert not Upload.objects.filter(is_stored=True).exists()


def test_a_person_is_asked_to_try_again_while_too_many_images_are_prepared(browser, monkeypatch):
    monkeypatch.setattr(converting, "turns", BoundedSemaphore(1))
    monkeypatch.setattr(converting, "WAIT_FOR_TURN", 0)
    with converting.turns:
        answer = send(browser, picture(), "photo.jpg")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


def test_attempts_with_bad_files_count_for_the_limit_of_a_day(browser, monkeypatch):
    monkeypatch.setattr(uploads, "FILES_PER_DAY", 2)
    statuses = [send(browser, picture()[:500], "photo.jpg").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


def test_a_storage_that_is_full_is_explained(browser, monkeypatch, caplog):
    def fail(key, source):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receiving_files.storage, "save", fail)
    answer = send(browser, b"hello")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_stored")
    assert "No space left" in caplog.text


def test_files_are_taken_only_with_a_session_a_token_and_access(browser, bob, alice):
    room = creation.create(alice, "Cellar", private=True)
    assert send(signed_in(bob), b"hello", slug=room.slug).status_code == 404
    assert send(Client(), b"hello").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert send(strict, b"hello").status_code == 403
    page = strict.get("/r/lobby/")
    token = page.cookies["csrftoken"].value
    assert send(strict, b"hello", **{"X-CSRFToken": token}).status_code == 201


def test_an_image_is_shown_and_has_a_thumbnail(browser, say, bob):
    file = say(picture(), "photo.jpg")
    reader = signed_in(bob)
    for address, kind in ((file["url"], "image/jpeg"), (file["thumbnail"], "image/webp")):
        answer = reader.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Content-Disposition"].startswith("inline")
        assert storages["uploads"].exists(answer[STORED_FILE])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SVG, "drawing.svg"),
        (b"<html><script>alert(1)</script>", "page.html"),
        (b"%PDF-1.7", "paper.pdf"),
        (b"GIF8<script>alert(1)</script>", "picture.gif"),
        (b"<script>alert(1)</script>", "photo.jpg"),
        (b"PK\x03\x04", "archive.zip"),
    ],
)
def test_all_other_files_are_only_saved(browser, say, content, name):
    file = say(content, name)
    assert "thumbnail" not in file
    answer = browser.get(file["url"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_nothing_in_a_file_can_run(browser, say):
    for file in (say(SVG, "drawing.svg"), say(picture("PNG"), "picture.png")):
        answer = browser.get(file["url"])
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_browser_keeps_a_file_and_asks_whether_it_may_show_it(browser, say, alice, bob):
    room = creation.create(alice, "Cellar", private=True)
    file = say(picture(), "photo.jpg", room)
    answer = browser.get(file["url"])
    assert answer["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": answer["ETag"]}
    again = browser.get(file["url"], headers=known)
    assert (again.status_code, again.get(STORED_FILE)) == (304, None)
    assert signed_in(bob).get(file["url"], headers=known).status_code == 404


def test_a_link_that_was_passed_on_works_for_those_who_may_read_the_room(browser, say, alice, bob):
    file = say(b"hello", "notes.txt", creation.create(alice, "Cellar", private=True))
    assert browser.get(file["url"]).status_code == 200
    assert signed_in(bob).get(file["url"]).status_code == 404
    answer = Client().get(file["url"])
    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={file['url']}")


@pytest.mark.parametrize(
    "path",
    [
        *("{id}/other.txt", "{id}/thumbnail", "{id}x/notes.txt", "x/y"),
        *("%00/y", "%00/thumbnail", "é/y"),
    ],
)
def test_other_addresses_are_not_found(browser, say, path):
    file = say(b"hello", "notes.txt")
    assert browser.get("/files/" + path.format(**file)).status_code == 404


def test_names_of_files_cannot_change_the_headers(browser, say):
    file = say(b"hello", 'a";x="\r\nSet-Cookie: a=b 日本.txt')
    answer = browser.get(file["url"])
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''a_%3Bx%3D_")


def test_an_image_is_described_before_it_is_said(browser, lobby, alice, bob, process):
    upload = send_file(lobby, alice, picture(), "photo.jpg")
    address = f"/files/{upload.pk}/"
    assert signed_in(bob).post(address, {"alt": "mine"}).status_code == 404
    answer = browser.post(address, {"alt": "  Two\n colours\u202e "})
    assert answer.json() == {"alt": "Two colours"}
    line = say_files(lobby, seat_of(alice, process), upload).line
    assert line.files[0]["alt"] == "Two colours"
    assert browser.post(address, {"alt": "later"}).status_code == 404


def test_a_file_is_discarded_by_its_owner(browser, lobby, alice, bob):
    upload = send_file(lobby, alice)
    signed_in(bob).post(f"/files/{upload.pk}/", {"action": "discard"})
    uploads.delete_expired()
    assert Upload.objects.exists()
    browser.post(f"/files/{upload.pk}/", {"action": "discard"})
    uploads.delete_expired()
    assert not Upload.objects.exists()


def test_a_name_that_is_no_text_is_no_error(browser):
    assert send(browser, b"hello", "%FF%00%ED%A0%80").status_code == 201
    assert send(browser, b"hello", "").json()["name"] == "file"
    content = io.BytesIO(b"hello")
    assert send(browser, content.read(), "x" * 4000).status_code == 201


def test_somebody_who_is_muted_sends_no_files_and_is_told_why(browser, alice, lobby):
    moderation.mute(OPERATOR, targets.of_account(alice), reason="too loud")
    answer = send(browser, b"hello")
    assert answer.status_code == 403
    assert answer.json() == {"code": "muted", "text": "You are muted: too loud"}
    assert not Upload.objects.exists()


def test_somebody_who_is_muted_sends_no_files_without_scripts_and_is_told_why(
    browser, alice, lobby
):
    moderation.mute(OPERATOR, targets.of_account(alice), None, timedelta(days=1))
    file = io.BytesIO(b"hello")
    file.name = "notes.txt"
    answer = browser.post("/r/lobby/files/", {"text": "look", "files": file})
    assert answer.status_code == 400
    assert answer.context["problem"].startswith("You are muted until ")
    assert not Upload.objects.exists()


def test_somebody_who_was_banned_meanwhile_is_told_so():
    answer = refused(Refused(RefusalCode.BANNED, reason="too loud"))
    assert answer.status_code == 403
    assert json.loads(answer.content)["text"].startswith("You are banned from this room")


def test_nobody_sends_files_to_a_locked_room_by_either_form(browser, bob, lobby):
    garden = creation.create(bob, "Garden")
    room_rules.set_locked(OPERATOR, garden.pk, True)
    answer = send(browser, b"hello", slug=garden.slug)
    assert (answer.status_code, answer.json()["code"]) == (403, "locked")
    file = io.BytesIO(b"hello")
    file.name = "notes.txt"
    answer = browser.post(f"/r/{garden.slug}/files/", {"text": "", "files": file})
    assert answer.context["problem"] == "Only moderators may write here now."
