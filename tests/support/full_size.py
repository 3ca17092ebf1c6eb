"""The option `--full`: tests marked `full` are played only with it.

It belongs to tests/faults, tests/benchmarks and tests/room, whose conftest files add it.
"""

from contextlib import suppress


def add_option(parser):
    """Add `--full`, unless another conftest has added it."""
    with suppress(ValueError):
        parser.addoption(
            "--full",
            action="store_true",
            help="everything in tests/faults or tests/benchmarks, and long races in tests/room",
        )


def add_marker(config):
    config.addinivalue_line("markers", "full: runs with --full only")


def is_chosen(config):
    """Return whether `--full` was given.

    The option exists only if one of these folders is on the command line.
    """
    return config.getoption("--full", default=False)


def run_in_one_process(config):
    """Let tests run one by one with `--full`: what they measure needs an idle machine."""
    if is_chosen(config):
        config.option.numprocesses = 0


def deselect(config, items):
    """Leave out the marked tests. They are not skipped, because a skip means a missing program."""
    if is_chosen(config):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
