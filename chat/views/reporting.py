"""The pages on which members report a message or a person to the moderators of a room."""

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpResponseRedirect
from django.views.generic import FormView

from chat.accounts import budgets
from chat.accounts.addresses import network_of
from chat.accounts.budgets import Limit, TooManyAttempts
from chat.forms import FocusErrorMixin
from chat.models import ModerationEntry
from chat.models.moderation import MAX_REASON
from chat.names.usernames import MAX_TYPED_USERNAME
from chat.room import log, reporting
from chat.room.refusal import RefusalCode, Refused
from chat.room.reporting import Reporter
from chat.room.targets import Target
from chat.views.readable_room import ReadableRoomMixin
from chat.views.room_forms import OF_OTHERS
from chat.views.throttled import ThrottledFormMixin

REPORTS = Limit("reports from address", 60, 600)
REFUSALS = {
    RefusalCode.NOT_ALLOWED: "You cannot report yourself.",
    RefusalCode.NO_SUCH_PERSON: "There is nobody here with this name.",
    RefusalCode.NO_SUCH_MESSAGE: "This message is not there any more.",
    RefusalCode.TOO_SOON: "You have reported much lately. Try again in some minutes.",
}
SENT = "sent"  # the query of the page that follows


class ReportForm(FocusErrorMixin, forms.Form):
    why = forms.CharField(
        label="What is wrong",
        max_length=MAX_REASON,
        help_text="The moderators see it with the messages. Nobody else is told.",
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def person(self) -> Target | None:
        """Return the person who is reported; None if it is a message."""
        return None


class ReportPersonForm(ReportForm):
    name = forms.CharField(
        label="Name of the person",
        max_length=MAX_TYPED_USERNAME,
        widget=forms.TextInput(attrs=OF_OTHERS),
    )
    field_order = ["name", "why"]

    def person(self):
        return reporting.person_named(self.cleaned_data["name"])


class ReportPersonView(ReadableRoomMixin, ThrottledFormMixin, FormView):
    """Report a person. A link can name them: `?name=ann`."""

    template_name = "rooms/report.html"
    form_class = ReportPersonForm
    seq: int | None = None

    def get_initial(self):
        return {"name": self.request.GET.get("name", "")[:MAX_TYPED_USERNAME]}

    def form_valid(self, form):
        try:
            budgets.spend(REPORTS.of(network_of(self.address)))
            reporting.report(
                self.reporter(), self.room.pk, self.seq, form.person(), form.cleaned_data["why"]
            )
        except TooManyAttempts as error:
            return self.ask_to_wait(error)
        except Refused as refusal:
            if refusal.code not in REFUSALS:
                raise
            form.add_error(NON_FIELD_ERRORS, REFUSALS[refusal.code])
            return self.form_invalid(form)
        messages.success(self.request, "Thank you. The moderators will look at it.")
        return HttpResponseRedirect(f"{self.request.path}?{SENT}")

    def reporter(self) -> Reporter:
        user = self.request.user
        return Reporter(user, user.username, ModerationEntry.Door.PAGE, self.address)

    def account_name(self):
        return self.request.user.get_username()

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            room=self.room, title=self.title(), is_sent=SENT in self.request.GET, **kwargs
        )


class ReportMessageView(ReportPersonView):
    """Report the message `seq`; one that is not there has no page."""

    form_class = ReportForm

    def dispatch(self, request, *args, seq: int, **kwargs):
        self.seq = seq
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {}

    def get_context_data(self, **kwargs):
        found = log.messages_until(self.room.pk, self.seq, 1, self.reader)
        if not found or found[0].seq != self.seq:
            raise Http404
        return super().get_context_data(line=found[0], **kwargs)
