"""Lines of a scripted room with the formatting that the server would find."""

from chat.markup.parsing import parse
from chat.markup.spans import MENTION, ROOM, Span
from tests.support.scripted_socket import a_line


def a_formatted_line(seq, text, **changes):
    """Return a line in which each sign that may name somebody or a room does so."""
    markup = parse(text)
    names = [
        Span(start, longest.end, MENTION, text[start + 1 : longest.end])
        for start, (longest, *_) in markup.people
    ]
    names += [Span(start, end, ROOM, slug) for start, end, slug in markup.rooms]
    spans = markup.encoded(names)
    return a_line(seq, text, **({"spans": spans} if spans else {}), **changes)
