"""The static files that production serves."""

from pathlib import Path

import pytest
from django.conf import settings

from chatsite.static import without_comments


def test_comments_are_not_published():
    source = b"""// The reason for this module.

/**
 * Two lines.
 */
const link = "https://example.org"; // a site
const text = "not // a comment";
const apostrophe = 1; // it's kept, as it may be part of a string
  // indented
.room { color: red; } /* kept */
  /* a style's comment */
"""
    assert without_comments(source) == (
        b'\nconst link = "https://example.org";\nconst text = "not // a comment";\n'
        b"const apostrophe = 1; // it's kept, as it may be part of a string\n"
        b".room { color: red; } /* kept */\n"
    )


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_only_comments_are_removed_from_the_files_of_the_site(suffix):
    for file in Path(settings.BASE_DIR, "static", "chat").rglob(f"*.{suffix}"):
        kept = without_comments(file.read_bytes()).splitlines()
        removed = [
            line for line in lines_of_code(file) if not {line, line.split(b" // ")[0]} & {*kept}
        ]
        assert kept
        assert removed == [], file


def lines_of_code(file):
    """Yield the lines that are not part of a comment, with the comments that follow code."""
    in_comment = False
    for line in file.read_bytes().splitlines():
        in_comment = in_comment or line.lstrip().startswith(b"/*")
        if not in_comment and not line.lstrip().startswith(b"//"):
            yield line
        in_comment = in_comment and b"*/" not in line
