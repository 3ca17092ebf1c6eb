"""The storage of files: a folder, or another of Django's storages."""

import pytest
from django.core.files.storage import storages

from chat.files import storage
from chat.models import Upload
from chat.room import uploads
from tests.support.pictures import picture
from tests.support.uploads import send_file


@pytest.fixture
def in_memory(settings):
    """A storage that is no folder, such as one of a service."""
    backend = "django.core.files.storage.InMemoryStorage"
    settings.STORAGES = {**settings.STORAGES, "uploads": {"BACKEND": backend}}


def test_files_are_kept_in_any_storage_of_django(in_memory, lobby, alice):
    upload = send_file(lobby, alice, picture(), "photo.jpg")
    assert all(storages["uploads"].exists(key) for key in upload.keys)
    assert (storage.place(), storage.problem()) == ("InMemoryStorage", None)
    uploads.discard(upload.pk, alice)
    uploads.delete_expired()
    assert not any(storages["uploads"].exists(key) for key in upload.keys)
    assert not Upload.objects.exists()


def test_a_folder_need_not_exist_before_the_first_file(upload_folder):
    assert (storage.place(), storage.problem()) == (str(upload_folder), None)
    assert not upload_folder.exists()


def test_a_folder_that_cannot_be_one_is_a_problem(upload_folder):
    upload_folder.symlink_to(upload_folder.parent / "missing")
    assert storage.problem() == f"{upload_folder} is no folder"
    upload_folder.unlink()
    upload_folder.write_text("a file")
    assert storage.problem() == f"{upload_folder} is no folder"


def test_a_file_never_takes_the_place_of_another(upload_folder, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"first")
    storage.save("ab/abc", source)
    source.write_bytes(b"second")
    with pytest.raises(FileExistsError):
        storage.save("ab/abc", source)
    with storages["uploads"].open("ab/abc") as file:
        assert file.read() == b"first"
    assert [path.name for path in (upload_folder / "ab").iterdir()] == ["abc"]
