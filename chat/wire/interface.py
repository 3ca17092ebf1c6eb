"""The interface that a wire format offers to the live members, and the types that it takes.

The modules `frames` and `legacy` satisfy `Wire`. Lines and people are described by what the wires
read of them, because this layer imports nothing of the others.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

Event = dict[str, Any]  # an ASGI event


class LogLine(Protocol):
    """A row of a room's log."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def client_id(self) -> UUID | None: ...
    @property
    def guest(self) -> bool: ...
    @property
    def of(self) -> int | None: ...
    @property
    def removed(self) -> bool: ...
    @property
    def spans(self) -> list[list[Any]] | None: ...
    @property
    def edited(self) -> datetime | None: ...
    @property
    def reactions(self) -> dict[str, list[str]] | None: ...
    @property
    def files(self) -> list[dict[str, Any]] | None: ...
    @property
    def quote(self) -> dict[str, Any] | None: ...


class NamedPerson(Protocol):
    """A person in a room."""

    @property
    def name(self) -> str: ...
    @property
    def guest(self) -> bool: ...


class RoomMember(NamedPerson, Protocol):
    """A person in a room besides the lobby: a member, or a guest who visits it."""

    @property
    def online(self) -> bool: ...
    @property
    def role(self) -> str | None: ...
    @property
    def since(self) -> datetime | None: ...


class Wire(Protocol):
    """A wire format: how lines and people are encoded, and which events send them."""

    def encode(self, line: LogLine) -> bytes:
        """Return one line encoded; empty when clients of this wire do not see it."""

    def encode_ignored(self, line: LogLine) -> bytes:
        """Return the same for somebody who ignores the person of the line: without its content."""

    def batch(self, encoded: Sequence[bytes]) -> list[Event]:
        """Return the ASGI events that send some encoded lines, in their order."""

    def encode_people(self, people: Iterable[NamedPerson]) -> bytes:
        """Return the people of a room encoded, in their order."""
