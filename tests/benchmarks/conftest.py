"""The option `--full`, with which all candidates are measured."""

from tests.support import full_size


def pytest_addoption(parser):
    full_size.add_option(parser)


def pytest_configure(config):
    full_size.add_marker(config)


def pytest_collection_modifyitems(config, items):
    full_size.deselect(config, items)
