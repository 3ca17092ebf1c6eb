"""The end of files: with which messages, people and rooms they go, and when they come back."""

from django.core.files.storage import storages
from django.utils import timezone

from chat.models import Message, Upload
from chat.room import file_soundness, forgetting, log, presence, removing, uploads
from chat.room.presence import Entrant
from chat.room.refusal import RefusalCode
from tests.support.amending import edit, remove, restore
from tests.support.pictures import picture
from tests.support.uploads import DAY, let_pass, may_read, present, say_files, send_file, stored


def test_the_files_of_a_removed_message_come_back_when_it_does(
    upload_folder, lobby, alice, bob, seat
):
    upload = send_file(lobby, alice)
    seq = say_files(lobby, seat, upload).seq
    removing.remove(lobby.pk, [seq], bob)
    assert not may_read(upload, alice)
    assert not uploads.delete_expired()
    uploads.keep(lobby.pk, [seq])
    assert may_read(upload, bob)


def test_authors_take_their_files_away_and_bring_them_back(
    upload_folder, lobby, alice, bob, process
):
    (stay,) = presence.enter([Entrant("alice", alice.pk, process, "web")])
    upload = send_file(lobby, alice)
    seq = say_files(lobby, stay.connection_id, upload).seq
    remove(lobby, stay, seq)
    assert not may_read(upload, bob)
    restored = restore(lobby, stay, seq)
    assert may_read(upload, bob)
    message, line = log.after(lobby.pk, seq - 1, 1) + log.after(lobby.pk, restored - 1, 1)
    assert message.files[0]["id"] == line.files[0]["id"] == upload.pk
    edit(lobby, stay, seq, "with words")
    assert may_read(upload, bob)


def test_a_day_after_their_message_was_removed_files_are_deleted(
    upload_folder, lobby, alice, bob, seat
):
    upload, other = send_file(lobby, alice, picture(), "photo.jpg"), send_file(lobby, alice)
    seq = say_files(lobby, seat, upload).seq
    say_files(lobby, seat, other)
    removing.remove(lobby.pk, [seq], bob)
    let_pass(upload, DAY)
    uploads.delete_expired()
    assert (present(upload), stored(upload)) == (None, [])
    assert may_read(other, alice)
    assert stored(other) == [other.key]


def test_a_file_that_is_not_said_within_a_day_is_deleted(upload_folder, lobby, alice, seat):
    upload = send_file(lobby, alice)
    uploads.delete_expired()
    assert present(upload)
    let_pass(upload, DAY)
    uploads.delete_expired()
    assert (present(upload), stored(upload)) == (None, [])
    assert say_files(lobby, seat, upload).code == RefusalCode.NO_SUCH_FILE


def test_what_is_left_of_a_killed_process_is_deleted(upload_folder, monkeypatch, lobby, alice):
    monkeypatch.setattr(uploads, "finish", lambda upload: None)
    upload = send_file(lobby, alice, picture(), "photo.jpg")
    assert len(stored(upload)) == 2
    let_pass(upload, DAY)
    uploads.delete_expired()
    assert (present(upload), stored(upload)) == (None, [])


def test_a_discarded_file_is_deleted_unless_it_was_said(upload_folder, lobby, alice, bob, seat):
    unused, said = send_file(lobby, alice), send_file(lobby, alice)
    say_files(lobby, seat, said)
    uploads.discard(unused.pk, bob)
    assert present(unused).expires > timezone.now()
    for upload in (unused, said):
        uploads.discard(upload.pk, alice)
    uploads.delete_expired()
    assert present(unused) is None
    assert may_read(said, alice)


def test_many_files_are_deleted_some_at_a_time(upload_folder, monkeypatch, lobby, alice):
    monkeypatch.setattr(uploads, "DELETED_AT_ONCE", 2)
    for _ in range(3):
        uploads.discard(send_file(lobby, alice).pk, alice)
    assert uploads.delete_expired()
    assert not uploads.delete_expired()
    assert not Upload.objects.exists()


def test_the_files_of_a_deleted_account_are_deleted_and_the_messages_say_so(
    upload_folder, lobby, alice, seat
):
    said, unused = send_file(lobby, alice, picture(), "photo.jpg"), send_file(lobby, alice)
    seq = say_files(lobby, seat, said, text="look").seq
    forgetting.forget_author(alice)
    uploads.delete_expired()
    assert [stored(said), stored(unused)] == [[], []]
    (line,) = log.after(lobby.pk, seq - 1, 1)
    assert line.text == "look"
    assert line.files[0]["name"] == "photo.jpg"
    assert not line.files[0].keys() & {"url", "thumbnail"}


def test_files_go_with_lines_that_are_deleted_from_the_log(upload_folder, lobby, alice, seat):
    old, new = send_file(lobby, alice), send_file(lobby, alice)
    seq = say_files(lobby, seat, old).seq
    say_files(lobby, seat, new)
    Message.objects.filter(room=lobby, seq__lte=seq).delete()
    uploads.expire_without_line()
    uploads.delete_expired()
    assert present(old) is None
    assert may_read(new, alice)


def test_files_go_with_their_room(upload_folder, lobby, alice):
    upload = send_file(lobby, alice)
    Upload.objects.update(room=None, expires=None)
    uploads.delete_expired()
    assert (present(upload), stored(upload)) == (None, [])


def test_the_check_of_a_database_finds_files_that_are_missing(
    upload_folder, lobby, alice, bob, seat
):
    uploads_said = [send_file(lobby, alice, picture("PNG"), "a.png") for _ in range(3)]
    seqs = [say_files(lobby, seat, upload).seq for upload in uploads_said]
    assert list(file_soundness.find_missing()) == []
    _, without_row, without_content = uploads_said
    storages["uploads"].delete(without_content.thumbnail_key)
    Upload.objects.filter(pk=without_row.pk).delete()
    line = f"of line {{}} of room {lobby.pk}"
    assert list(file_soundness.find_missing()) == [
        f"the file {without_row.pk} {line.format(seqs[1])} belongs to no such line",
        f"the file {without_content.pk} {line.format(seqs[2])} is missing from the storage",
    ]
    removing.remove(lobby.pk, seqs[1:], bob)
    assert list(file_soundness.find_missing()) == []
