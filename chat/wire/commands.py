"""What a client may ask, whatever wire it came by. Text is cleaned and measured here, once."""

import re
from dataclasses import dataclass
from uuid import UUID

MAX_TEXT = 4000  # code points, after cleaning
MAX_TEXT_LINES = 100

# Controls but TAB and LF, the two Unicode line ends, and the bidi characters that reorder what
# stands around them: each could forge a line of somebody else's, or drive a terminal.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text):
    """The text without what could forge lines (D6): one blank for each, ends cut. LF stays."""
    return UNSAFE.sub(" ", text).strip()


def too_long(text):
    """Whether a clean text is more than a message may hold."""
    return len(text) > MAX_TEXT or text.count("\n") >= MAX_TEXT_LINES


@dataclass(frozen=True, slots=True)
class Login:
    """Ask to come in under a name (legacy only; the website knows who is signed in)."""

    name: str
    word: str = "login"


@dataclass(frozen=True, slots=True)
class Say:
    """Say a clean text. `client_id` makes a retry harmless."""

    text: str
    client_id: UUID | None = None
    word: str = "say"


@dataclass(frozen=True, slots=True)
class Look:
    """Ask who is here."""

    word: str = "look"


@dataclass(frozen=True, slots=True)
class History:
    """Ask for at most `limit` lines before a number, or for the newest."""

    limit: int
    before: int | None = None
    word: str = "history"


@dataclass(frozen=True, slots=True)
class Help:
    """Ask which words there are."""

    word: str = "help"


@dataclass(frozen=True, slots=True)
class Logout:
    """Leave."""

    word: str = "logout"


@dataclass(frozen=True, slots=True)
class TooLong:
    """A text that is longer than a message may be."""

    word: str = "say"


@dataclass(frozen=True, slots=True)
class Overlong:
    """A line that is longer than a line may be; of what `word` it was, as far as one can tell."""

    word: str


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The first line of an HTTP request: a web page that makes a browser talk to us."""

    word: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else."""

    word: str
