"""Lines of a scripted room with the formatting that the server would find."""

from chat.markup.parsing import parse
from chat.markup.spans import MENTION, ROOM, Span
from tests.support.scripted_socket import a_line


def a_formatted_line(seq, text, **changes):
    """Return a line whose signs name somebody, or a room, wherever they may."""
    markup = parse(text)
    names = [
        Span(start, names[0].end, MENTION, text[start + 1 : names[0].end])
        for start, names in markup.people
    ]
    names += [Span(start, end, ROOM, slug) for start, end, slug in markup.rooms]
    spans = markup.encoded(names)
    return a_line(seq, text, **({"spans": spans} if spans else {}), **changes)
