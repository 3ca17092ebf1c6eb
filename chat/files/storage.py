"""The storage of files: one of Django's, by default a folder of the site."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages


def current() -> Storage:
    """Return the storage of files, the one called "uploads" in `STORAGES`."""
    return storages["uploads"]


def save(key: str, source: Path) -> None:
    """Store the content of a file under a name that nothing else has. It survives a power cut."""
    with source.open("rb") as file:
        name = current().save(key, File(file))
    if name != key:
        current().delete(name)
        raise FileExistsError(f"{key} is in the storage already")
    if (path := _path(key)) is not None:
        _synchronize(path)
        _synchronize(path.parent)


def delete(keys: Iterable[str]) -> None:
    """Delete what is stored under some names; names that are not in use are skipped."""
    for key in keys:
        current().delete(key)


def place() -> str:
    """Return where files are stored: a folder, or the name of another storage."""
    folder = _path("")
    return type(current()).__name__ if folder is None else str(folder)


def problem() -> str | None:
    """Return why nothing could be stored at this moment, as far as that is known without trying."""
    folder = _path("")
    if folder is None:
        return None
    existing = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if not existing.is_dir():
        return f"{existing} is no folder"
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"the folder {existing} is not writable"
    return None


def _path(key):
    """Return where a storage keeps something in the file system; None for other storages."""
    folder = current()
    return Path(folder.path(key)).absolute() if isinstance(folder, FileSystemStorage) else None


def _synchronize(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot do it for folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
