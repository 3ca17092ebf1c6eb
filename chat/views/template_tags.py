"""Tags that every template of the site can use, also those of errors, which have no context."""

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from chat.models import Line
from chat.views import formatted as rendering

register = template.Library()


@register.simple_tag
def site_name() -> str:
    return settings.SITE_NAME


@register.simple_tag(takes_context=True)
def formatted(context: template.Context, line: Line) -> SafeString:
    """Return a message as HTML, as the user of the page sees it."""
    return rendering.formatted_html(line, context["user"].username)


@register.filter
def without_marks(line: Line) -> str:
    """Return a message as plain text."""
    return rendering.plain_text(line)
