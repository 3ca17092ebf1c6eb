"""The page with the reports that wait."""

from typing import NamedTuple

from django import forms

from chat.models import Report
from chat.room import finding, report_actions, reports
from chat.views.moderation.base import ModerationView, is_about
from chat.views.moderation.forms import DurationMixin, ReasonedForm, reason_field
from chat.views.rooms import page_of

PER_PAGE = 20
LABELS = {
    "remove": "Remove the message",
    "mute": "Mute in this room",
    "kick": "Kick out of this room",
    "ban": "Ban from this room",
    "site_mute": "Mute on the whole site",
    "site_kick": "Kick from the site",
    "site_ban": "Ban from the site",
}


class HandleForm(DurationMixin, ReasonedForm):
    """Do something about a report. `choices` are the names of what is offered."""

    what = forms.ChoiceField(label="What to do", choices=list(LABELS.items()))
    reason = reason_field("The person concerned sees it.")
    field_order = ["entry", "what", "duration", "reason"]
    success = "The report is handled, and the reporter is told that you looked at it."

    def __init__(self, *args, choices=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if choices is not None:
            self.fields["what"].choices = [(name, LABELS[name]) for name in choices]

    def change(self) -> None:
        values = self.cleaned_data
        report_actions.act(
            self.moderator, values["entry"], values["what"], values["duration"], values["reason"]
        )


class DismissForm(ReasonedForm):
    """Do nothing about a report."""

    success = "The report is dismissed, and the reporter is told that you looked at it."

    def change(self) -> None:
        reports.dismiss(self.moderator, self.cleaned_data["entry"], self.cleaned_data["reason"])


class ListedReport(NamedTuple):
    """A report as the page lists it, with the form of what may be done about it."""

    row: Report
    room: str
    may_read: bool  # the room, so that the page can link to it
    form: HandleForm | None
    problems: list[str]  # of a decision that was refused, unless the form shows them
    is_open: bool  # because a decision was refused


class ReportsView(ModerationView):
    template_name = "moderation/reports.html"
    section = "moderation_reports"
    forms = {"handle": HandleForm, "dismiss": DismissForm}

    def get_context_data(self, *, failed=None, **kwargs):
        found = reports.open_reports(self.request.user).select_related("room", "user", "reporter")
        page = page_of(self.request, found, PER_PAGE)
        rooms = {report.room.pk: report.room for report in page}
        titles = finding.titles(rooms.values(), None)
        readable = finding.readable(rooms, self.request.user.pk)
        offered = report_actions.offered(self.moderator, list(page))
        return super().get_context_data(
            failed=failed,
            listed=[report.pk for report in page],
            page=page,
            reports=[
                self.listed(
                    report,
                    titles[report.room_id],
                    report.room_id in readable,
                    offered[report.pk],
                    failed,
                )
                for report in page
            ],
            **kwargs,
        )

    def listed(self, report, title, may_read, choices, failed):
        is_failed = is_about(failed, report.pk)
        is_handled = is_failed and isinstance(failed, HandleForm) and bool(choices)
        form = HandleForm(
            self.moderator,
            failed.data if is_handled else None,
            choices=choices,
            initial={"entry": report.pk},
            auto_id=f"report_{report.pk}_%s",
        )
        return ListedReport(
            row=report,
            room=title,
            may_read=may_read,
            form=form if choices else None,
            problems=failed.problems if is_failed and not is_handled else [],
            is_open=is_failed,
        )
