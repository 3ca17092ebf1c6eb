"""The regular job about files of a process."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.live import doorbell, process, timing
from chat.live.doorbell import SilentDoorbell
from chat.models import Upload
from tests.support.live import PATIENCE
from tests.support.threads import in_thread
from tests.support.uploads import present, send_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_bus(monkeypatch):
    """Processes have no bus: a channel layer belongs to the event loop of the first of them."""
    monkeypatch.setattr(doorbell, "make", lambda heard: SilentDoorbell())


def in_a_process(scenario):
    async def run():
        async with asyncio.timeout(PATIENCE):
            server = await process.current()
            try:
                await scenario(server)
            finally:
                await server.stop()

    asyncio.run(run())


def test_a_process_deletes_files_whose_time_has_come(upload_folder, monkeypatch, lobby, alice):
    monkeypatch.setattr(timing, "DELETE_FILES", 0.01)
    due, other = send_file(lobby, alice), send_file(lobby, alice)
    Upload.objects.filter(pk=due.pk).update(expires=timezone.now() - timedelta(seconds=1))

    async def scenario(server):
        while await asyncio.to_thread(in_thread, present, due):
            await asyncio.sleep(0.01)  # until the next look

    in_a_process(scenario)
    assert present(other)
    assert [path.name for path in upload_folder.rglob("*") if path.is_file()] == [other.pk]


def test_a_process_is_not_ready_while_files_cannot_be_stored(upload_folder, monkeypatch, caplog):
    monkeypatch.setattr(timing, "LOOK", 0.01)

    async def until_problems(expected):
        while process.problems() != expected:
            await asyncio.sleep(0.01)  # until the next look

    async def scenario(server):
        await until_problems({})
        upload_folder.write_text("no folder")
        await until_problems({"files": "they cannot be stored"})
        upload_folder.unlink()
        await until_problems({})

    in_a_process(scenario)
    assert f"Files cannot be stored: {upload_folder} is no folder" in caplog.text
    assert "Files can be stored again" in caplog.text
