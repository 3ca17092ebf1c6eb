"""What the first texts of members need, loaded before a server begins to serve."""

from chat.markup import marks
from chat.names.mentions import everybody_key

TEXT = "> *quoted* `code` https://example.org\n\n- item"  # needs each library and its patterns


def preload() -> None:
    """Load what most commands never need and load only when they use it.

    Loading it takes a quarter of a second, for which the event loop would stand still. Workers that
    are forked afterwards share it.
    """
    marks.find(TEXT)
    everybody_key()
