"""The base of the pages for moderators."""

from collections.abc import Iterable
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import RedirectView, TemplateView

from chat.accounts import budgets
from chat.accounts.budgets import Limit, TooManyAttempts
from chat.models import ModerationEntry
from chat.room import reports
from chat.room.moderation_log import Moderator
from chat.room.moderation_rules import sees_addresses
from chat.room.ranks import Authority
from chat.views.moderation.forms import ModerationForm

DECISIONS = Limit("decisions of moderator", 120, 60)
# The pages by the names of their addresses, and those that only moderators of the site have.
SECTIONS = {
    "moderation_reports": "Reports",
    "moderation_held": "Held",
    "moderation_sanctions": "Sanctions",
    "moderation_requests": "Requests",
    "moderation_invitations": "Invitations",
    "moderation_log": "Log",
}
OF_SITE = {"moderation_invitations"}
WAITING = {
    "moderation_held": "held",
    "moderation_requests": "requests",
    "moderation_reports": "reports",
}


def moderator_of(request: HttpRequest) -> Moderator:
    """Return the person who sends a request as the log of moderation names them."""
    address = request.META.get("REMOTE_ADDR") or ""
    return Moderator(request.user, ModerationEntry.Door.PAGE, address)


def is_about(form: ModerationForm | None, entry_id: int) -> bool:
    """Return whether a form is about the entry with an id."""
    return form is not None and "entry" in form.fields and form["entry"].value() == str(entry_id)


class ModeratorRequiredMixin(LoginRequiredMixin):
    """A page that does not exist for people who moderate nothing, or not the site."""

    section = ""  # its name in `SECTIONS`

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not reports.moderates(request.user) or self.section not in {"", *self.sections}:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def moderator(self) -> Moderator:
        return moderator_of(self.request)

    @cached_property
    def moderates_site(self) -> bool:
        return self.moderator.authority() >= Authority.SITE_MODERATOR

    @property
    def sections(self) -> dict[str, str]:
        """The pages that the user has, with their titles."""
        return {
            name: title
            for name, title in SECTIONS.items()
            if self.moderates_site or name not in OF_SITE
        }


class ModerationHomeView(ModeratorRequiredMixin, RedirectView):
    """Lead to the first page."""

    pattern_name = next(iter(SECTIONS))


class ModerationView(ModeratorRequiredMixin, TemplateView):
    """One page for moderators, with forms that decide about what is listed there.

    `forms` has them by the value of the button that sends each. A form that was refused is shown
    again as `failed`, with its errors.
    """

    forms: dict[str, type[ModerationForm]] = {}

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        form_class = self.forms.get(request.POST.get("action", ""))
        if form_class is None:
            raise Http404
        form = self.make_form(form_class, request.POST)
        try:
            budgets.spend(DECISIONS.of(request.user.pk))
        except TooManyAttempts as error:
            context = self.get_context_data(failed=form, wait=error.retry_after)
            headers = {"Retry-After": str(error.retry_after)}
            return self.render_to_response(context, status=429, headers=headers)
        if not (form.is_valid() and form.try_change()):
            return self.render_to_response(self.get_context_data(failed=form))
        messages.success(request, form.success)
        return redirect(request.get_full_path())

    def make_form(self, form_class: type[ModerationForm], data=None) -> ModerationForm:
        return form_class(self.moderator, data)

    def get_context_data(
        self, *, failed: ModerationForm | None = None, listed: Iterable[int] = (), **kwargs
    ):
        """Return the context of the page, which lists the entries with the ids `listed`.

        `problems` are the errors of a form whose entry is not there any more. All others are shown
        with the entry or, without one, with the form.
        """
        is_lost = failed is not None and "entry" in failed.fields
        is_lost = is_lost and not any(is_about(failed, pk) for pk in listed)
        waiting = reports.waiting(self.request.user)
        return super().get_context_data(
            section=self.section,
            heading=SECTIONS[self.section],
            tabs=[
                (name, title, waiting.get(WAITING.get(name, ""), 0))
                for name, title in self.sections.items()
            ],
            failed=failed,
            problems=failed.problems if failed is not None and is_lost else [],
            sees_addresses=sees_addresses(self.moderator),
            **kwargs,
        )
