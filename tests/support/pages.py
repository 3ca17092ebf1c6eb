"""Read pages for tests."""

import re


def text_of(response):
    """Return the HTML of a page, with apostrophes and quotes as they are read."""
    return response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def problems(response):
    """Return the errors that a page shows."""
    html = text_of(response)
    return re.findall(r'role="alert">([^<]+)<', html) + re.findall(r'_error">([^<]+)<', html)


def headings(response):
    """Return the names at the beginning of the items of a list."""
    return re.findall(r'class="strong">([^<]+)<', text_of(response))
