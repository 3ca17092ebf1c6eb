"""The server processes that hold connections."""

from django.db import models


class Process(models.Model):
    """A server process: where it runs, and a counter that shows that it is alive."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started = models.CharField(max_length=64)
    beat = models.PositiveBigIntegerField(default=0)
    # It has stopped in order, or other processes have declared it dead.
    stopped = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.host}:{self.pid}"
