"""The commands about people whom a member does not want to hear."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Ignore:
    """See nothing more of what a person says.

    Without a name the list of ignored people is shown (legacy only).
    """

    word: ClassVar[str] = "ignore"
    name: str


@dataclass(frozen=True, slots=True)
class AskIgnored:
    """Ask whether a person is ignored, perhaps by a name that looks the same (web only)."""

    word: ClassVar[str] = "ignores"
    name: str


@dataclass(frozen=True, slots=True)
class Unignore:
    """See again what a person says."""

    word: ClassVar[str] = "unignore"
    name: str


IgnoreCommand = Ignore | AskIgnored | Unignore
