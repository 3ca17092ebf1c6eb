"""A log whose lines a test can read, with the handler of the site."""

import io
import logging
import re

from chatsite.logs.counting import CountingHandler
from chatsite.logs.formats import TextFormatter
from chatsite.logs.plain_errors import PlainErrors

HEAD = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<level>[A-Z]+) (?P<pid>\d+) (?P<logger>\S+) "
    r"\[(?P<source>[^]]*)\] (?P<message>.*)"
)


class Log:
    """A logger of its own with the handler of the site, whose clock the test moves."""

    def __init__(self, formatter=None):
        self.now = 0.0
        self.stream = io.StringIO()
        self.handler = CountingHandler(self.stream, clock=lambda: self.now)
        self.handler.setFormatter(formatter or TextFormatter())
        self.handler.addFilter(PlainErrors())
        self.logger = self.named("chat.test")

    def named(self, name):
        logger = logging.Logger(name)
        logger.addHandler(self.handler)
        return logger

    @property
    def lines(self):
        return self.stream.getvalue().splitlines()

    @property
    def messages(self):
        return [HEAD.fullmatch(line)["message"] for line in self.lines]
