"""The documents link, name and run only what exists, and have the same form everywhere."""

import re

import pytest
from django.core.management import get_commands

from tests.support.documents import (
    CHANGES,
    DOCUMENTS,
    FENCE,
    MANUALS,
    headings,
    read,
    relative,
    tables,
)
from tests.support.starts import PROJECT

pytestmark = pytest.mark.same_on_every_database

README = read("README.md")

# The top README


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def test_both_commands_of_the_readme_are_single_lines():
    commands = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert [command.rpartition(" ")[2] for command in commands] == ["runserver", "pytest"]


def test_the_picture_is_small():
    path = PROJECT / re.search(r"!\[[^]]*\]\(([^)]+)\)", README)[1]
    assert path.stat().st_size < 200_000


def test_every_document_is_linked_from_the_top_readme_or_from_that_of_its_folder():
    for path in DOCUMENTS:
        overviews = {PROJECT / "README.md", path.with_name("README.md")} - {path}
        if path.name == "README.md":
            overviews &= {PROJECT / "README.md"}
        linked = {
            (overview.parent / target.partition("#")[0]).resolve()
            for overview in overviews
            for target in links(overview.read_text())
        }
        assert path in linked or path == PROJECT / "README.md", relative(path)


# All documents


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchor(title):
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def anchors(path):
    """Return the anchors of a document's headings."""
    titles = [title for _, _, title in headings(path.read_text())]
    assert len(set(titles)) == len(titles), "two headings are the same"
    return {anchor(title) for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_link_leads_somewhere(path):
    for link in links(path.read_text()):
        target, _, place = link.partition("#")
        if "://" in target:
            continue
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        assert not place or place in anchors(there), link


@pytest.mark.parametrize("path", MANUALS, ids=relative)
def test_every_section_is_in_the_table_of_contents_of_its_document(path):
    """A document that begins with links to its sections has them all, in their order."""
    text = path.read_text()
    contents = [part for part in text.partition("\n## ")[0].split("\n\n") if " ·" in part]
    titles = [title for _, level, title in headings(text) if level == 2]
    for part in contents:
        assert links(part) == [f"#{anchor(title)}" for title in titles]


@pytest.mark.parametrize("path", MANUALS, ids=relative)
def test_every_table_has_a_head_and_rows_of_one_length(path):
    """A blank line within a table would end it."""
    for table in tables(path.read_text()):
        lines = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()]
        assert len(lines) > 2 and set(lines[1][1].strip()) == {"-"}, table[:200]
        assert {len(line) for line in lines} == {len(lines[0])}, table[:200]


@pytest.mark.parametrize("path", [*MANUALS, CHANGES], ids=relative)
def test_no_line_of_prose_is_too_long(path):
    is_code = False
    for line in path.read_text().splitlines():
        is_code ^= line.startswith(FENCE)
        if not is_code and not line.startswith(("|", "    ")):
            assert len(line) <= 100, line


# Not in the repository: created when the site is installed or run.
CREATED_LATER = {"secret_key", "chat.jsonl", "benchmark-results/"}
FILE = re.compile(r"[\w-][\w.-]*(?:/[\w.-]+)*\.(?:py|js|css|html|txt|in|toml|md|json)|(?:[\w-]+/)+")


@pytest.mark.parametrize("path", MANUALS, ids=relative)
def test_every_file_that_a_document_names_exists(path):
    for name in re.findall(r"`([^`\s]+)`", path.read_text()):
        if FILE.fullmatch(name) and name not in CREATED_LATER:
            assert exists(path.parent, name), f"{relative(path)} names {name}"


def exists(folder, name):
    """Return whether a name is a path from the top, from the document, or in a folder below it."""
    places = [PROJECT / name, folder / name]
    if "/" not in name:
        places += folder.rglob(name)
    return any(place.exists() for place in places)


@pytest.mark.parametrize("path", MANUALS, ids=relative)
def test_every_test_and_module_that_a_document_runs_exists(path):
    for command in re.findall(r"`([^`\n]*\b(?:pytest|tests\.\w+)\b[^`\n]*)`", path.read_text()):
        for name in re.findall(r"\btests/[\w./-]+", command):
            assert (PROJECT / name).exists(), command
        for module in re.findall(r"\btests(?:\.\w+)+", command):
            place = PROJECT.joinpath(*module.split("."))
            assert place.is_dir() or place.with_suffix(".py").exists(), command


def test_every_marker_that_the_documents_use_is_registered(pytestconfig):
    registered = " ".join(pytestconfig.getini("markers"))
    for path in MANUALS:
        for marker in re.findall(r'-m "(?:not )?(\w+)"', path.read_text()):
            assert re.search(rf"\b{marker}\b", registered), marker


def test_every_command_that_a_document_runs_exists():
    for path in MANUALS:
        for name in re.findall(r"\bmanage(?:\.py)? ([a-z]\w+)", path.read_text()):
            assert name in get_commands(), f"{relative(path)} runs {name}"
