"""The cut: imports run downward only, and the wires know nothing of the rest."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_on_every_database

CHAT = Path(__file__).parent.parent / "chat"

# From the top down; a module may import its own layer and those below. `wire` stands beside:
# it is pure, and the rules for names use its table of characters.
LAYERS = ["doors", "servers", "live", "accounts", "search", "room", "files", "models"]
LAYERS += ["markup", "names"]
DOORS = {"admin", "apps", "consumers", "forms", "management", "middleware", "urls", "views"}


def layer(path):
    """The layer of a module, from its place in the tree."""
    part = path.relative_to(CHAT).with_suffix("").parts[0]
    if part in DOORS:
        return "doors"
    if part == "migrations":
        return "models"
    assert part in {*LAYERS, "wire"}, f"{part} has no layer: name it in this test"
    return part


def imports(path):
    """The project's own modules that a file imports, as paths."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chat"):
            for alias in node.names:
                yield resolve(f"{node.module}.{alias.name}") or resolve(node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("chat."):
                    yield resolve(alias.name)


def resolve(dotted):
    place = CHAT.parent.joinpath(*dotted.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.exists() and path.is_relative_to(CHAT):
            return path
    return None


def modules():
    return [path for path in CHAT.rglob("*.py") if path != CHAT / "__init__.py"]


def allowed(above, below):
    if above == "wire":
        return below == "wire"
    if below == "wire":
        return above in ("doors", "servers", "live", "markup", "names")
    return LAYERS.index(above) <= LAYERS.index(below)


def test_imports_run_downward_only():
    found = [(path, used) for path in modules() for used in imports(path) if used]
    assert len(found) > 20, "the test sees no imports"
    upward = [
        f"{path.relative_to(CHAT)} imports {used.relative_to(CHAT)}"
        for path, used in found
        if not allowed(layer(path), layer(used))
    ]
    assert upward == []


def test_the_wires_are_pure():
    for path in (CHAT / "wire").glob("*.py"):
        assert "django" not in path.read_text(), f"{path.name} knows Django"
