"""The static files that production serves."""

import os
from pathlib import Path

import pytest
from django.conf import settings

from chatsite.static import StaticFiles, without_comments


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


@pytest.fixture
def root(tmp_path):
    """The folder of the static files, with a file beside it that nobody may read."""
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "static"
    root.mkdir()
    return root


def files_of(root):
    return StaticFiles(None, root=root, prefix="/static/").files


def test_a_collected_file_is_found_each_time_it_is_asked_for(root):
    (root / "chat").mkdir()
    (root / "chat" / "site.css").write_text("a {}")
    files = files_of(root)
    file = files.get("/static/chat/site.css")
    assert file is not None
    assert files.get("/static/chat/site.css") is file


def test_no_address_leads_out_of_the_folder(root):
    (root / "link.txt").symlink_to(root.parent / "secret.txt")
    files = files_of(root)
    for name in ("../secret.txt", "/../secret.txt", "x/../../secret.txt", "link.txt", "", "."):
        assert files.get(f"/static/{name}") is None, name
    assert files.get(str(root.parent / "secret.txt")) is None


def test_a_compressed_form_has_no_address_of_its_own(root):
    for name in ("site.css", "site.css.gz", "alone.gz"):
        (root / name).write_text("a {}")
    files = files_of(root)
    assert files.get("/static/site.css.gz") is None
    assert files.get("/static/site.css") is not None
    assert files.get("/static/alone.gz") is not None


def test_what_is_no_file_is_not_served(root):
    os.mkfifo(root / "pipe")
    files = files_of(root)
    assert files.get("/static/pipe") is None
    assert files.get("/static/pipe") is None
