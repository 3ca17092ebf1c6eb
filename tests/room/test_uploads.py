"""Files: who may send, say and read them, and their limits."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction

from chat.models import Message, Upload
from chat.room import (
    alteration,
    log,
    membership,
    moderation,
    presence,
    room_rules,
    targets,
    transcript,
    uploads,
)
from chat.room.presence import Entrant
from chat.room.refusal import RefusalCode, Refused
from chat.room.transcript import Said, Saying
from tests.support.amending import reply
from tests.support.moderating import OPERATOR, on_page
from tests.support.pictures import picture
from tests.support.uploads import (
    DAY,
    let_pass,
    may_read,
    present,
    say_files,
    seat_of,
    send_file,
    stored,
)


def code(call, *args, **options):
    with pytest.raises(Refused) as raised:
        call(*args, **options)
    return raised.value.code


# Sending


def test_nobody_sends_files_where_they_may_not_speak(upload_folder, lobby, garden, alice, bob):
    moderation.mute(on_page(alice), targets.of_account(bob), garden.pk, reason="too loud")
    with pytest.raises(Refused) as refused:
        send_file(garden, bob)
    assert (refused.value.code, refused.value.reason) == (RefusalCode.MUTED, "too loud")
    assert send_file(lobby, bob)
    moderation.mute(OPERATOR, targets.of_account(bob))
    assert code(send_file, lobby, bob) is RefusalCode.MUTED
    assert Upload.objects.count() == 1


def test_a_locked_room_takes_files_of_its_moderators(upload_folder, garden, alice, bob):
    membership.join(garden.pk, bob)
    room_rules.set_locked(on_page(alice), garden.pk, True)
    assert code(send_file, garden, bob) is RefusalCode.LOCKED
    assert send_file(garden, alice)


def test_a_room_by_request_takes_files_of_its_members(upload_folder, garden, alice, bob, carol):
    membership.join(garden.pk, bob)
    room_rules.set_by_request(on_page(alice), garden.pk, True)
    assert send_file(garden, bob)
    assert code(send_file, garden, carol) is RefusalCode.ASK_FIRST


def test_a_file_is_stored_as_it_came(upload_folder, lobby, alice):
    upload = send_file(lobby, alice, b"<script>", "page.html")
    assert (upload.name, upload.type, upload.size) == ("page.html", "text/html", 8)
    with storages["uploads"].open(upload.key) as file:
        assert file.read() == b"<script>"
    (path,) = (path for path in upload_folder.rglob("*") if path.is_file())
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(upload.pk) == 22


@pytest.mark.parametrize("name", ["archive.zip", "photo.jpg"])
def test_an_archive_is_never_unpacked(upload_folder, lobby, alice, name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20 << 20))
    content = packed.getvalue()
    assert len(content) < 100_000
    upload = send_file(lobby, alice, content, name)
    assert (upload.size, upload.is_image, stored(upload)) == (len(content), False, [upload.key])
    with storages["uploads"].open(upload.key) as file:
        assert file.read() == content


def test_an_image_is_stored_with_a_thumbnail_and_its_size(upload_folder, lobby, alice):
    upload = send_file(lobby, alice, picture(), "photo.png")
    assert (upload.name, upload.type) == ("photo.jpg", "image/jpeg")
    assert (upload.width, upload.height) == (1200, 800)
    assert stored(upload) == upload.keys


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, RefusalCode.EMPTY_FILE), ((1 << 20) + 1, RefusalCode.FILE_TOO_LARGE)],
)
def test_a_file_has_a_size_within_limits(upload_folder, settings, lobby, alice, size, expected):
    settings.UPLOAD_MB = 1
    assert code(send_file, lobby, alice, bytes(size)) == expected
    assert not Upload.objects.exists()


def test_a_person_sends_so_many_bytes_in_a_day(upload_folder, settings, lobby, alice, bob):
    settings.UPLOAD_DAILY_MB = 1
    first = send_file(lobby, alice, bytes(700_000))
    assert code(send_file, lobby, alice, bytes(400_000)) == RefusalCode.TOO_MANY_FILES
    send_file(lobby, bob, bytes(400_000))
    send_file(lobby, alice, bytes(300_000))
    let_pass(first, DAY)
    send_file(lobby, alice, bytes(400_000))


def test_a_person_sends_so_many_files_in_a_day(upload_folder, monkeypatch, lobby, alice):
    monkeypatch.setattr(uploads, "FILES_PER_DAY", 2)
    for _ in range(2):
        send_file(lobby, alice)
    assert code(send_file, lobby, alice) == RefusalCode.TOO_MANY_FILES


def test_all_files_together_have_a_limit(upload_folder, settings, lobby, alice, bob):
    settings.UPLOAD_TOTAL_MB = 1
    send_file(lobby, alice, bytes(1_000_000))
    assert code(send_file, lobby, bob, bytes(100_000)) == RefusalCode.STORAGE_FULL


def test_files_are_sent_only_to_rooms_that_one_may_read(
    upload_folder, lobby, alice, bob, carol, garden, cellar
):
    send_file(garden, bob)
    assert code(send_file, cellar, bob) == RefusalCode.NO_SUCH_ROOM
    alteration.archive(garden.pk, by=alice)
    assert code(send_file, garden, bob) == RefusalCode.ARCHIVED


# Saying


def test_a_message_has_the_files_that_it_names(upload_folder, lobby, alice, seat):
    image, other = send_file(lobby, alice, picture(), "photo.jpg"), send_file(lobby, alice)
    uploads.describe(image.pk, alice, "Two colours")
    result = say_files(lobby, seat, image, other, text="Look")
    (line,) = log.after(lobby.pk, result.seq - 1, 10)
    assert result.line == line
    size = storages["uploads"].size(image.key)
    assert line.files == [
        {
            "id": image.pk,
            "name": "photo.jpg",
            "type": "image/jpeg",
            "size": size,
            "width": 1200,
            "height": 800,
            "alt": "Two colours",
            "url": f"/files/{image.pk}/photo.jpg",
            "thumbnail": f"/files/{image.pk}/thumbnail",
        },
        {
            "id": other.pk,
            "name": "notes.txt",
            "type": "text/plain",
            "size": 5,
            "url": f"/files/{other.pk}/notes.txt",
        },
    ]
    for upload in (image, other):
        assert (present(upload).seq, present(upload).expires) == (line.seq, None)


def test_a_file_is_said_once(upload_folder, lobby, alice, seat):
    upload, again = send_file(lobby, alice), uuid4()
    first = say_files(lobby, seat, upload, client_id=again)
    repeated = say_files(lobby, seat, upload, client_id=again)
    assert (repeated.seq, repeated.again) == (first.seq, True)
    assert say_files(lobby, seat, upload).code == RefusalCode.NO_SUCH_FILE
    assert Message.objects.filter(files__isnull=False).count() == 1


def test_a_file_is_said_once_in_one_transaction(upload_folder, lobby, alice, seat):
    upload = send_file(lobby, alice)
    sayings = [Saying(lobby.pk, seat, "", uuid4(), files=(upload.pk,)) for _ in range(2)]
    said, refused = transcript.say(sayings)
    assert isinstance(said, Said)
    assert refused.code == RefusalCode.NO_SUCH_FILE


def test_connections_that_say_a_file_at_the_same_time_say_it_once(
    upload_folder, lobby, alice, process
):
    upload = send_file(lobby, alice)
    (stay,) = presence.enter([Entrant("alice", alice.pk, process, "web")])

    def say(_):
        try:
            return isinstance(say_files(lobby, stay.connection_id, upload), Said)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(say, range(8))) == 1
    assert Message.objects.filter(files__isnull=False).count() == 1


def test_a_file_is_said_by_its_owner_in_its_room(
    upload_folder, lobby, alice, bob, garden, seat, process
):
    upload = send_file(lobby, alice)
    others_seat = seat_of(bob, process)
    for room, other in ((lobby, others_seat), (garden, seat)):
        assert say_files(room, other, upload).code == RefusalCode.NO_SUCH_FILE
    assert say_files(lobby, seat, upload).seq


def test_files_that_do_not_exist_or_are_incomplete_are_not_said(upload_folder, lobby, alice, seat):
    incomplete = uploads.begin(lobby.pk, alice, "notes.txt", 5)
    for upload in (incomplete, Upload(pk="x" * 22)):
        assert say_files(lobby, seat, upload).code == RefusalCode.NO_SUCH_FILE
    before = log.counters()[lobby.pk].last_seq
    assert isinstance(say_files(lobby, seat, text="without files"), Said)
    assert log.counters()[lobby.pk].last_seq == before + 1


def test_a_saying_that_is_taken_back_leaves_its_files_unsaid(upload_folder, lobby, alice, seat):
    upload = send_file(lobby, alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        say_files(lobby, seat, upload)
        raise ZeroDivisionError
    assert present(upload).seq is None
    assert say_files(lobby, seat, upload).seq


# Reading


def test_a_file_is_read_by_those_who_may_read_its_room(upload_folder, alice, bob, cellar, process):
    seat = seat_of(alice, process)
    upload = send_file(cellar, alice)
    say_files(cellar, seat, upload)
    assert may_read(upload, alice)
    assert not may_read(upload, bob)
    membership.invite(cellar.pk, bob, by=alice)
    assert may_read(upload, bob)
    membership.remove(cellar.pk, bob, by=alice)
    assert not may_read(upload, bob)


def test_before_it_is_said_a_file_is_its_owners_alone(upload_folder, lobby, alice, bob, seat):
    upload = send_file(lobby, alice)
    assert may_read(upload, alice)
    assert not may_read(upload, bob)
    say_files(lobby, seat, upload)
    assert may_read(upload, bob)


def test_a_reply_quotes_a_message_without_words_by_its_files(upload_folder, lobby, alice, process):
    (stay,) = presence.enter([Entrant("alice", alice.pk, process, "web")])
    files = [send_file(lobby, alice, name=name) for name in ("a.txt", "b.txt")]
    seq = say_files(lobby, stay.connection_id, *files).seq
    assert reply(lobby, stay, seq).line.quote == {"name": "alice", "text": "a.txt, b.txt"}
