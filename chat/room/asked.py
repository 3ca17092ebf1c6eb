"""Lists of ids and numbers as a table of a statement, so that one statement serves many askers."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

BIGINT, TEXT = "bigint", "text"


def table(alias: str, *columns: str, texts: Sequence[str] = ()) -> dict[str, str]:
    """Return {vendor: SQL of a table} with one placeholder for each of `arguments`.

    Its columns are numbers, except those in `texts`.
    """
    types = [TEXT if column in texts else BIGINT for column in columns]
    arrays = ", ".join(f"%s::{each}[]" for each in types)
    values = ", ".join(
        f"json_extract(value, '$[{place}]') AS {column}" for place, column in enumerate(columns)
    )
    return {
        "postgresql": f"unnest({arrays}) AS {alias} ({', '.join(columns)})",
        "sqlite": f"(SELECT {values} FROM json_each(%s)) AS {alias}",
    }


def arguments(rows: Iterable[Sequence[object]]) -> list[Any]:
    """Return the arguments of a `table` for its rows, of which there must be at least one."""
    if connection.vendor == "sqlite":
        return [json.dumps(list(rows))]
    return [list(column) for column in zip(*rows, strict=True)]


PAIRS = table("asked", "user_id", "room_id")  # a guest has no user id
