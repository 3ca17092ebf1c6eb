"""The page counts a text as the server does."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from chat.wire.commands import MAX_TEXT, MAX_TEXT_LINES, clean, is_too_long

COMPOSING = Path(settings.BASE_DIR, "static", "chat", "core", "composing.js")
SCRIPT = """
    import { cleaned, describeLength } from "COMPOSING";
    import { readFileSync } from "node:fs";
    const { texts, limits } = JSON.parse(readFileSync(0, "utf8"));
    const judge = (text) => [cleaned(text), Boolean(describeLength(text, limits).problem)];
    console.log(JSON.stringify(texts.map(judge)));
"""
EDGES = ["", " ", "\n", "\t", "\0", "\x7f", "\x85", "\xa0", "\u2028", "\u202e", "\u2069", "\u3000"]
LONG = ["x" * MAX_TEXT, "👍" * MAX_TEXT, "x" * (MAX_TEXT + 1)]
TALL = ["\n".join("x" * count) for count in (MAX_TEXT_LINES, MAX_TEXT_LINES + 1)]
TEXTS = [before + text + after for text in LONG + TALL for before in EDGES for after in EDGES]


def judged_by_the_page(texts):
    """Return [text as it is sent, whether the page refuses it]."""
    node = shutil.which("node") or pytest.skip("Node.js is not installed")
    limits = {"characters": MAX_TEXT, "lines": MAX_TEXT_LINES}
    script = SCRIPT.replace("COMPOSING", COMPOSING.as_uri())
    command = [node, "--input-type=module", "-e", script]
    run = subprocess.run(
        command,
        input=json.dumps({"texts": texts, "limits": limits}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


def test_the_page_refuses_a_text_exactly_when_the_server_does():
    judged = judged_by_the_page(TEXTS)
    assert {refused for _, refused in judged} == {True, False}
    for text, (sent, refused) in zip(TEXTS, judged, strict=True):
        assert (sent, refused) == (clean(text), is_too_long(clean(text))), repr(text[:3])


def test_the_page_replaces_the_characters_that_the_server_replaces():
    codes = [code for code in range(0x3000) if not 0xD800 <= code < 0xE000]
    texts = [f"a{chr(code)}b" for code in codes]
    assert [sent for sent, _ in judged_by_the_page(texts)] == [clean(text) for text in texts]
