"""The option `--full`, with which all candidates are measured."""

import pytest

from tests.support import full_size


def pytest_addoption(parser):
    full_size.add_option(parser)


def pytest_configure(config):
    full_size.add_marker(config)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    full_size.run_in_one_process(config)


def pytest_collection_modifyitems(config, items):
    full_size.deselect(config, items)
