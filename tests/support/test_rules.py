"""Rules for the tests themselves: what a test file may import and touch."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_on_every_database

TESTS = Path(__file__).resolve().parents[1]
# Attributes that are public by the documentation of Python and Django, in spite of their names.
DOCUMENTED = {"_asdict", "_base_manager", "_exit", "_fields", "_meta", "_replace"}
OWN = {"self", "cls"}


def python_files():
    return sorted(TESTS.rglob("*.py"))


def place(path, node):
    return f"{path.relative_to(TESTS.parent)}:{node.lineno}"


def is_private(name):
    return name.startswith("_") and not name.endswith("__") and name not in DOCUMENTED


def imports_of_test_files(path):
    """Yield the place of each import from a test file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        parts = {part for module in modules for part in module.split(".")}
        if any(part.startswith("test_") for part in parts):
            yield place(path, node)


def private_uses(path):
    """Yield the place of each use of a private name of another object or module."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in OWN:
                continue
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
                continue
            case ast.Attribute(attr=name) if is_private(name):
                yield f"{place(path, node)} {name}"
            case ast.ImportFrom(names=names):
                for alias in names:
                    if is_private(alias.name):
                        yield f"{place(path, node)} {alias.name}"
            case ast.Call(
                func=ast.Attribute(attr="setattr" | "delattr"), args=[_, ast.Constant(), *_]
            ):
                name = node.args[1].value
                if is_private(str(name)):
                    yield f"{place(path, node)} {name}"


def test_no_file_imports_a_test_file():
    assert [found for path in python_files() for found in imports_of_test_files(path)] == []


def test_no_file_touches_private_attributes_of_others():
    assert [found for path in python_files() for found in private_uses(path)] == []
