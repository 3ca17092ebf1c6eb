"""Write `static/chat/extras/emoji.json` from emojibase-data, a package of npm.

Run it by hand when Unicode has new emoji: `npm pack emojibase-data`, unpack the archive, then
`python -m tests.support.make_emoji package`.
"""

import json
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TARGET = PROJECT / "static" / "chat" / "extras" / "emoji.json"
SHOWN_WITH = {"components": "symbols"}  # tones and hair, which are no group for a reader
SOURCE = (
    "emojibase-data {version}, https://emojibase.dev/. MIT License, Copyright (c) 2017-2019 Miles"
    " Johnson. Made by tests/support/make_emoji.py, not by hand. An emoji is [characters, name, its"
    " code and words by which it is found, its variants with tones of skin]."
)


def make(package: Path) -> dict[str, object]:
    """Return the data for the page: {source, groups: [[name, [emoji, ...]], ...]}."""
    version = read(package / "package.json")["version"]
    codes = [
        read(package / "en" / "shortcodes" / f"{name}.json") for name in ("github", "emojibase")
    ]
    messages = read(package / "en" / "messages.json")["groups"]
    names = {group["order"]: group["message"] for group in messages}
    groups: dict[str, list[list[str]]] = {name.capitalize(): [] for name in names.values()}
    entries = [entry for entry in read(package / "en" / "data.json") if "group" in entry]
    for entry in sorted(entries, key=lambda entry: entry["order"]):
        name = SHOWN_WITH.get(names[entry["group"]], names[entry["group"]])
        groups[name.capitalize()].append(emoji_of(entry, codes))
    shown = [(name, emoji) for name, emoji in groups.items() if emoji]
    return {"source": SOURCE.format(version=version), "groups": shown}


def read(path: Path):
    return json.loads(path.read_text())


def emoji_of(entry, codes) -> list[str]:
    """Return one emoji; words that its name has already are left out."""
    named = [code for table in codes for code in listed(table.get(entry["hexcode"], []))]
    code = named[0] if named else entry["label"].replace(" ", "_")
    known = {*entry["label"].lower().split(), code}
    words = [
        code,
        *dict.fromkeys(word for word in [*named, *entry.get("tags", [])] if word not in known),
    ]
    variants = [characters(skin) for skin in entry.get("skins", [])]
    return [
        characters(entry),
        entry["label"],
        " ".join(words),
        *([" ".join(variants)] if variants else []),
    ]


def characters(entry) -> str:
    """Return an emoji in the form that Unicode recommends for interchange (RGI)."""
    emoji = entry["emoji"]
    is_colourful = entry["type"] == 1 and len(emoji) == 2
    return emoji.removesuffix("\ufe0f") if is_colourful else emoji


def listed(value) -> list[str]:
    return [value] if isinstance(value, str) else value


if __name__ == "__main__":
    made = json.dumps(make(Path(sys.argv[1])), ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(made.replace("],[", "],\n[") + "\n")
    print(f"{TARGET}: {len(made)} characters")
