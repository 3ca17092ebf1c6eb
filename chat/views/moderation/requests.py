"""The page with people who ask to be let into a room, and with accounts that wait for approval."""

from chat.accounts import applications
from chat.room import join_requests
from chat.views.moderation.base import ModerationView, is_about
from chat.views.moderation.forms import EntryForm, ReasonedForm
from chat.views.rooms import page_of
from chat.views.site_url import site_url

PER_PAGE = 20


class AdmitForm(EntryForm):
    """Let somebody into a room."""

    success = "The person is a member of the room now."

    def change(self) -> None:
        join_requests.admit(self.moderator, self.cleaned_data["entry"])


class DeclineForm(ReasonedForm):
    """Do not let somebody into a room."""

    success = "The request is declined."

    def change(self) -> None:
        values = self.cleaned_data
        join_requests.decline(self.moderator, values["entry"], values["reason"])


class ApproveForm(EntryForm):
    """Let a new account sign in. `address` is that of the site, for the mail."""

    address = ""
    success = "The account is approved."

    def change(self) -> None:
        entry = self.cleaned_data["entry"]
        applications.approve(self.moderator, entry, site_url=self.address)


class RejectForm(ReasonedForm):
    """Leave a new account inactive."""

    address = ""
    success = "The account is rejected."

    def change(self) -> None:
        values = self.cleaned_data
        applications.reject(
            self.moderator, values["entry"], values["reason"], site_url=self.address
        )


OF_APPLICATIONS = (ApproveForm, RejectForm)


class RequestsView(ModerationView):
    template_name = "moderation/requests.html"
    section = "moderation_requests"
    forms = {
        "admit": AdmitForm,
        "decline": DeclineForm,
        "approve": ApproveForm,
        "reject": RejectForm,
    }

    def make_form(self, form_class, data=None):
        form = super().make_form(form_class, data)
        if form_class in OF_APPLICATIONS:
            form.address = site_url(self.request)
        return form

    def get_context_data(self, *, failed=None, **kwargs):
        page = page_of(self.request, join_requests.waiting(self.request.user), PER_PAGE)
        waiting = list(applications.waiting()[:PER_PAGE]) if self.moderates_site else []
        of_application = isinstance(failed, OF_APPLICATIONS)
        shown = waiting if of_application else page
        return super().get_context_data(
            failed=failed,
            listed=[row.pk for row in shown],
            page=page,
            requests=self.with_problems(page, None if of_application else failed),
            applications=self.with_problems(waiting, failed if of_application else None),
            **kwargs,
        )

    def with_problems(self, rows, failed):
        return [(row, failed.problems if is_about(failed, row.pk) else []) for row in rows]
