"""How often Python looks for garbage: seldom while a command starts, as usual while it serves."""

import gc

USUAL = gc.get_threshold()
# New objects between two looks. A start makes many objects and no garbage. With Python's own
# number, 700, the looks would be a seventh of the start of every command.
SELDOM = 50_000


def look_seldom() -> None:
    gc.set_threshold(SELDOM)


def look_as_usual() -> None:
    """Look as often as Python does by itself, but no more at what has been made until now.

    That stays as long as the process. Looking at it would make a server pause now and then.
    """
    gc.freeze()
    gc.set_threshold(*USUAL)
