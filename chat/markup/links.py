"""Finds http and https links in a text.

static/chat/core/linkify.js has the same rule, for texts without spans; one file of cases holds both
(tests/markup/links.json).
"""

import re
import unicodedata
from collections import Counter

from linkify_it import LinkifyIt

from chat.names.confusables import skeleton
from chat.wire.characters import IGNORABLE

BEGIN = re.compile(r"(?<![a-z0-9_])https?://", re.IGNORECASE | re.ASCII)
PLAIN = re.compile(r"[!#-&(-;=?-_a-~]+")  # printable ASCII without < > and quotation marks
# A link ends before full-width symbols.
WIDE_SYMBOLS = re.compile("[\uff0b\uff1c-\uff1e\uff3e\uff40\uff5c\uff5e\uffe0-\uffef]")
BRAILLE_BLANK = "\u2800"
VARIATION, JOINERS = "\ufe0f", "\u200c\u200d"
WORD_JOINERS = "·–"
KATAKANA_DOT = "・"
PUNCTUATION = ".,:;!?*_~"
LONGEST = 2_000  # UTF-16 units
OPENING = {")": "(", "]": "[", "}": "{"}
MAX_HOST = 253  # characters

END_OF_AUTHORITY = re.compile(r"[/?#\\]")
IPV6 = re.compile(r"(?:[^@]*@)?\[[0-9a-f:.]+\](?::\d{0,5})?", re.IGNORECASE)
_linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})


def find(text: str, limit: int) -> list[tuple[int, int]]:
    """Return the start and the end of the first links in a text, at most `limit`."""
    found: list[tuple[int, int]] = []
    place = 0
    while len(found) < limit and (match := BEGIN.search(text, place)):
        place = _end(text, match.end())
        link = _trimmed(text[match.start() : place])
        if _leads_somewhere(link):
            found.append((match.start(), match.start() + len(link)))
    return found


def true_host(link: str) -> str | None:
    """Return the host to which a link leads, if it looks like another one; otherwise None.

    The name of a user before the host looks like a host, and so do letters of other scripts that
    look like plain ones, and a capital I among small letters.
    """
    authority = _authority(link)
    _, at, host = authority.rpartition("@")
    host = re.sub(r":\d*$", "", host)
    if not (at or _looks_like_another(host)):
        return None
    return ".".join(map(_ascii, unicodedata.normalize("NFKC", host.lower()).split(".")))


def _authority(link):
    """Return what stands between the scheme and the path of a link."""
    return END_OF_AUTHORITY.split(link.partition("://")[2], maxsplit=1)[0]


def _ascii(label):
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


def _looks_like_another(host):
    if host.isascii():
        return "I" in host and host.upper() != host
    return len(host) <= MAX_HOST and any(
        not label.isascii() and skeleton(label).isascii() for label in host.lower().split(".")
    )


def _leads_somewhere(link):
    """Return whether a link has a host."""
    if not link:
        return False
    scheme = link.index(":") + 1
    if IPV6.fullmatch(_authority(link)):
        return True
    # The library knows no hosts with `_`, which the names of machines may have.
    return _linkify.test_schema_at(link.replace("_", "x"), link[:scheme], scheme) > 0


def _end(text, place):
    """Return where the characters of a link end, which begin at a place."""
    while place < len(text):
        if match := PLAIN.match(text, place):
            place = match.end()
        elif _goes_on(text, place):
            place += 1
        else:
            break
    return place


def _goes_on(text, place):
    """Return whether a character that is not plain belongs to the link before it."""
    character, before = text[place], text[place - 1]
    after = text[place + 1 : place + 2]
    if character in JOINERS:
        base = text[place - 2] if before == VARIATION else before
        return _may_be_joined(base) and _is_wide(after)
    if character == VARIATION:
        return _is_wide(before) or (
            _may_be_joined(before)
            and after != ""
            and after in JOINERS
            and _is_wide(text[place + 2 : place + 3])
        )
    if character == KATAKANA_DOT:
        return _is_wide(before) and _is_wide(after)
    if character in WORD_JOINERS:
        return _is_in_words(before) and _is_in_words(after)
    return _is_wide(character)


def _is_wide(character):
    """Return whether a character is a visible letter, mark, digit or symbol beyond ASCII."""
    return (
        character != ""
        and not character.isascii()
        and unicodedata.category(character)[0] in "LMNS"
        and not _is_ending(character)
    )


def _is_ending(character):
    return (
        IGNORABLE.match(character) is not None
        or character == BRAILLE_BLANK
        or WIDE_SYMBOLS.match(character) is not None
    )


def _may_be_joined(character):
    """Return whether a joiner may follow: after a mark, an emoji, or an Arabic letter."""
    is_joined = unicodedata.category(character)[0] in "MS" or unicodedata.name(
        character, ""
    ).startswith("ARABIC")
    return is_joined and character not in "<>`" and not _is_ending(character)


def _is_in_words(character):
    return character != "" and unicodedata.category(character)[0] in "LMN"


def _trimmed(link):
    """Return a link without the punctuation that follows it, and unopened closing brackets."""
    if len(link) > LONGEST or sum(2 if one > "\uffff" else 1 for one in link) > LONGEST:
        return ""
    counts = Counter(link)
    end = len(link)
    while end > 0:
        last = link[end - 1]
        if last in OPENING and counts[last] > counts[OPENING[last]]:
            counts[last] -= 1
        elif last not in PUNCTUATION:
            break
        end -= 1
    return link[:end]
