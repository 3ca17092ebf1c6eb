"""The name of a host tells apart hosts whose pids are not the same."""

from pathlib import Path

from chat.live import host


def test_the_name_of_a_host_contains_its_pid_namespace(monkeypatch):
    before = host.name()
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[1]"))
    assert host.name() != before


def test_a_host_without_namespaces_has_a_name(monkeypatch):
    def readlink(path):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "readlink", readlink)
    assert host.name()
