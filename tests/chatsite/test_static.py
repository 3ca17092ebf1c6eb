"""The static files that production serves."""

from pathlib import Path

import pytest
from django.conf import settings

from chatsite.static import without_comments


def test_comments_on_lines_of_their_own_are_not_published():
    source = b"""// The reason for this module.

/**
 * Two lines.
 */
const link = "https://example.org"; // kept, as it may be part of a string
  // indented
.room { color: red; } /* kept */
  /* a style's comment */
"""
    assert without_comments(source) == (
        b'\nconst link = "https://example.org"; // kept, as it may be part of a string\n'
        b".room { color: red; } /* kept */\n"
    )


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_only_comments_are_removed_from_the_files_of_the_site(suffix):
    for file in Path(settings.BASE_DIR, "static", "chat").rglob(f"*.{suffix}"):
        source = file.read_bytes()
        kept = without_comments(source).splitlines()
        removed = [line.strip() for line in source.splitlines() if line not in kept]

        assert kept
        assert all(line.startswith((b"//", b"/*", b"*")) or b"*/" in line for line in removed), file
