"""The default storage of the files that people send: a folder."""

from pathlib import Path
from typing import Any


def private_folder(folder: Path) -> dict[str, Any]:
    """Return the storage for a folder whose files nobody else on the machine can read."""
    options = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder, **options},
    }
