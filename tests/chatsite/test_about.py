"""`manage.py about`: what an operator puts into a report, or checks before an upgrade."""

import platform

import django
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.management.commands.about import describe_migrations
from chatsite import __version__
from tests.support.commands import assert_no_traceback, run_command


@pytest.fixture
def executor(db):
    return MigrationExecutor(connection)


def test_it_shows_all_versions_and_the_state_of_the_migrations(db, capsys):
    call_command("about")
    site, framework, database, migrations, files = capsys.readouterr().out.splitlines()
    assert site == f"Chatsite {__version__}"
    assert framework == f"Django {django.__version__}, Python {platform.python_version()}"
    assert database.startswith(f"{connection.display_name} ")
    assert connection.settings_dict["NAME"] in database
    assert migrations == "Migrations: all applied"
    assert files == f"Files: {settings.UPLOAD_ROOT}"


def test_a_folder_of_files_that_cannot_be_used_is_named(db, upload_folder, capsys):
    upload_folder.write_text("no folder")
    call_command("about")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"Files: {upload_folder}, where none can be stored: ")
    assert last.endswith(f"{upload_folder} is no folder")


def test_missing_migrations_are_named(executor):
    ((app, newest),) = executor.loader.graph.leaf_nodes("chat")
    del executor.loader.applied_migrations[app, newest]
    sentence = describe_migrations(executor)
    assert sentence == f"1 to apply with `manage.py migrate`: chat.{newest}"


def test_migrations_of_a_later_version_are_named(executor):
    executor.loader.applied_migrations["chat", "9999_later"] = None
    assert "chat.9999_later" in describe_migrations(executor)


def test_migrations_of_an_app_that_is_not_installed_are_ignored(executor):
    executor.loader.applied_migrations["gone", "0001_initial"] = None
    assert describe_migrations(executor) == "all applied"


def missing(path):
    """Leave nothing at the path."""


def folder(path):
    path.mkdir()


def other_file(path):
    path.write_text("This is not a database, though it is long enough to be looked at. " * 40)


@pytest.mark.parametrize("prepare", [missing, folder, other_file])
def test_an_sqlite_database_that_cannot_be_read_is_one_sentence(tmp_path, prepare):
    path = tmp_path / "chat.sqlite3"
    prepare(path)
    status, output = run_command("about", DATABASE_URL=f"sqlite:///{path}", SECRET_KEY="x" * 50)
    assert status == 1
    assert_last_line_names_the_database(output)
    assert prepare is not missing or not path.exists(), "the question created a database"


def test_a_postgresql_that_does_not_answer_is_one_sentence():
    url = "postgres://chat@127.0.0.1:1/chat"
    status, output = run_command("about", DATABASE_URL=url, SECRET_KEY="x" * 50)
    assert status == 1
    assert_last_line_names_the_database(output)


def assert_last_line_names_the_database(output):
    assert_no_traceback(output)
    *versions, sentence = output.splitlines()
    assert len(versions) == 2
    assert sentence.startswith("chatsite: ")
    assert "database" in sentence
