"""Both wires offer the interface that the live members use."""

import inspect

import pytest

from chat.wire import frames, legacy
from chat.wire.interface import Wire

FUNCTIONS = sorted(name for name in vars(Wire) if not name.startswith("_"))


@pytest.mark.parametrize("wire", [frames, legacy])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wire_has_every_function_of_the_interface(wire, name):
    expected = inspect.signature(getattr(Wire, name))
    _, *parameters = expected.parameters.values()  # without `self`
    assert inspect.signature(getattr(wire, name)) == expected.replace(parameters=parameters)
