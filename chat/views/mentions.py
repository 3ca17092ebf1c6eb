"""The list of the messages that mention the user."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.views.generic import TemplateView

from chat.room import finding, mentions
from chat.room.mentions import LARGEST

PER_PAGE = 30
MOST_DIGITS = 19  # of a number that is read; none is larger than `LARGEST`


class MentionsView(LoginRequiredMixin, TemplateView):
    """The newest mentions; `?before=` the number of a mention shows earlier ones."""

    template_name = "rooms/mentions.html"

    def get_context_data(self, **kwargs):
        user_id, before = self.request.user.pk, number_before(self.request)
        found = mentions.newest(user_id, PER_PAGE + 1, before)
        shown = found[:PER_PAGE]
        titles = finding.titles({mention.room for mention in shown}, user_id)
        return super().get_context_data(
            mentions=[(mention, titles[mention.room.pk]) for mention in shown],
            older=shown[-1].id if len(found) > PER_PAGE else None,
            is_first=before == LARGEST,
            **kwargs,
        )


def number_before(request: HttpRequest) -> int:
    """Return the number before which a list is to be shown; the largest without one."""
    number = request.GET.get("before", "")
    is_readable = number.isdecimal() and len(number) <= MOST_DIGITS
    return min(int(number), LARGEST) if is_readable else LARGEST
