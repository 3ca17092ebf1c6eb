"""The files of requirements: direct requirements, pins, hashes, and the commands that make them."""

import re

import pytest

from tests.support.starts import PROJECT

INSTRUCTIONS = (PROJECT / "chatsite" / "README.md").read_text()


@pytest.mark.parametrize("folder", ["chatsite", "tests"])
def test_every_direct_requirement_is_pinned_in_the_same_version(folder):
    made = PROJECT / ("" if folder == "chatsite" else folder) / "requirements.txt"
    direct = (PROJECT / folder / "requirements.in").read_text().splitlines()
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", made.read_text(), re.MULTILINE))
    wanted = [line for line in direct if re.match(r"\w", line)]
    assert wanted
    for name, version in (re.sub(r"\[.*\]", "", line).split("==") for line in wanted):
        assert pinned[re.sub("[_.]", "-", name).lower()] == version


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_every_pin_has_hashes_and_the_command_that_made_it_is_documented(name):
    head, *pins = re.split(r"^(?=\w)", (PROJECT / name).read_text(), flags=re.MULTILINE)
    assert len(pins) > 20
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    command = re.search(r"^# +(uv pip compile .*)$", head, re.MULTILINE)[1]
    assert command in INSTRUCTIONS


def test_the_requirements_of_the_tests_include_those_of_the_site():
    lines = (PROJECT / "tests" / "requirements.txt").read_text().splitlines()
    assert lines[0] == "-r ../requirements.txt"
