"""Whether the collection of static files is up to date."""

import pytest
from django.core.management import call_command

from chatsite import static_collection

pytestmark = pytest.mark.same_on_every_database


@pytest.fixture
def source(settings, tmp_path):
    """The only static file, a style sheet; nothing has been collected."""
    folder = tmp_path / "sources"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "chatsite.static.HashedFiles"},
    }
    file = folder / "site.css"
    file.write_text("a { color: red }")
    return file


@pytest.fixture
def collected(source, settings):
    """The folder of a collection that is up to date."""
    static_collection.bring_up_to_date()
    assert static_collection.is_up_to_date()
    return settings.STATIC_ROOT


def modification_times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_collection_that_is_up_to_date_is_not_written_again(collected):
    before = modification_times(collected)
    static_collection.bring_up_to_date()
    assert modification_times(collected) == before


def test_a_changed_source_is_collected(source, collected):
    source.write_text("a { color: blue }")
    assert not static_collection.is_up_to_date()
    static_collection.bring_up_to_date()
    assert static_collection.is_up_to_date()
    assert "a { color: blue }" in {path.read_text() for path in collected.glob("site.*.css")}


def test_a_new_source_is_collected(source, collected):
    source.with_name("new.css").write_text("b { color: red }")
    static_collection.bring_up_to_date()
    assert list(collected.glob("new.*.css"))


def test_a_collection_made_by_other_code_is_out_of_date(collected, monkeypatch, tmp_path):
    changed = tmp_path / "static.py"
    changed.write_text("# another way to make the files")
    monkeypatch.setattr(static_collection, "CODE", [changed])
    assert not static_collection.is_up_to_date()


def test_a_file_that_is_missing_is_collected_again(collected):
    (hashed,) = collected.glob("site.*.css")
    hashed.unlink()
    static_collection.bring_up_to_date()
    assert hashed.exists()


@pytest.mark.parametrize("manifest", ["", '{"paths": {', "[]", "{}", '{"paths": []}', "\0"])
def test_a_manifest_that_is_damaged_is_replaced(collected, settings, manifest):
    (collected / static_collection.MANIFEST).write_text(manifest)
    settings.STATIC_ROOT = collected  # makes Django forget the manifest, as in a new process
    static_collection.bring_up_to_date()
    assert static_collection.is_up_to_date()


def test_a_collection_without_some_files_is_out_of_date(source, settings):
    source.with_name("left_out.css").write_text("b { color: red }")
    call_command("collectstatic", "--ignore", "left_out.css", interactive=False, verbosity=0)
    assert not static_collection.is_up_to_date()


def test_a_dry_run_writes_nothing(source, settings):
    call_command("collectstatic", "--dry-run", interactive=False, verbosity=0)
    assert not settings.STATIC_ROOT.exists()
