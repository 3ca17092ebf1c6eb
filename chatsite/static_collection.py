"""The collection of the static files in STATIC_ROOT: whether it is up to date, and its renewal.

Collecting hashes and compresses some two hundred files, which takes seconds and needs write access.
So it is done only when the sources or the program have changed since.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.files.storage import Storage
from django.core.management import call_command

MANIFEST = "staticfiles.json"
MANIFEST_VERSIONS = ("1.0", "1.1")  # those that Django reads
FINGERPRINT = "sources"  # the key of the fingerprint in the manifest

# A collection is out of date, too, when one of these has changed, because they make its files.
CODE = [Path(__file__).with_name(name) for name in ("static.py", "bundling.py")]
LIBRARIES = ("django", "servestatic", "brotli")

# {name in the collection: (storage, name in that storage)}, as Django passes it on
Sources = Mapping[str, tuple[Storage, str]]


class CannotCollect(Exception):
    """The static files cannot be stored; the text is one sentence for the operator."""


def bring_up_to_date() -> None:
    """Collect the static files, unless those in STATIC_ROOT are up to date.

    Raises CannotCollect.
    """
    if is_up_to_date():
        return
    with collecting():
        if is_up_to_date():  # another server has collected them meanwhile
            return
        call_command(collectstatic.Command(), interactive=False, verbosity=0)


@contextlib.contextmanager
def collecting() -> Iterator[None]:
    """Keep other servers from collecting while this one does. Raises CannotCollect.

    The folder itself is locked, so that no file is needed for it. Network file systems may not
    support this. Servers that start together then write the same files at the same time.
    """
    try:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        folder = os.open(settings.STATIC_ROOT, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(folder, fcntl.LOCK_EX)
            _remove_unusable_manifest()
            yield
        finally:
            os.close(folder)
    except OSError as error:
        raise CannotCollect(_sentence(error)) from error


def is_up_to_date() -> bool:
    """Return whether STATIC_ROOT has all static files in their present form, readable for us."""
    manifest = _read_manifest() or {}
    if manifest.get(FINGERPRINT) != fingerprint(sources()):
        return False
    names = manifest["paths"].values()
    return all(os.access(settings.STATIC_ROOT / name, os.R_OK) for name in names)


def sources() -> Sources:
    """Return all static files, as `collectstatic` finds them."""
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    found: dict[str, tuple[Storage, str]] = {}
    for finder in get_finders():
        for path, storage in finder.list(ignored):
            prefix = getattr(storage, "prefix", None)
            found.setdefault(f"{prefix}/{path}" if prefix else path, (storage, path))
    return found


def fingerprint(sources: Sources) -> str:
    """Return a hash of files and of what turns them into a collection."""
    total = hashlib.sha256()
    for library in LIBRARIES:
        total.update(f"{library} {version(library)}\n".encode())
    for module in CODE:
        total.update(hashlib.sha256(module.read_bytes()).digest())
    for name, (storage, path) in sorted(sources.items(), key=lambda item: item[0]):
        with storage.open(path) as file:
            content = hashlib.sha256(file.read())
        total.update(f"{name} {content.hexdigest()}\n".encode())
    return total.hexdigest()


def record(sources: Sources) -> None:
    """Note in the manifest that the collection is complete, and from which files it was made."""
    manifest = {**(_read_manifest() or {}), FINGERPRINT: fingerprint(sources)}
    path = settings.STATIC_ROOT / MANIFEST
    complete = path.with_suffix(".new")
    complete.write_text(json.dumps(manifest))
    complete.chmod(path.stat().st_mode)
    complete.replace(path)


def _read_manifest() -> dict[str, Any] | None:
    """Return the manifest, or None if there is none that can be used."""
    try:
        manifest = json.loads((settings.STATIC_ROOT / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("version") not in MANIFEST_VERSIONS:
        return None
    return manifest if isinstance(manifest.get("paths"), dict) else None


def _remove_unusable_manifest():
    """Remove a manifest that was not written to its end; Django could not even replace it."""
    if _read_manifest() is None:
        (settings.STATIC_ROOT / MANIFEST).unlink(missing_ok=True)


def _sentence(error):
    reason = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    sentence = f"the static files cannot be stored in STATIC_ROOT: {reason}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        sentence += "; run `manage.py collectstatic` as a user who may write there"
    return sentence
