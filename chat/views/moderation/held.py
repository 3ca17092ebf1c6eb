"""The page with the messages of newcomers that wait for approval."""

from chat.room import finding, holding
from chat.views.moderation.base import ModerationView, is_about
from chat.views.moderation.forms import EntryForm, ReasonedForm, reason_field
from chat.views.rooms import page_of

PER_PAGE = 20


class ReleaseForm(EntryForm):
    """Say a message that waits."""

    success = "The message is released."

    def change(self) -> None:
        holding.release(self.moderator, self.cleaned_data["entry"])


class RefuseForm(ReasonedForm):
    """Do not say a message that waits."""

    reason = reason_field("The author is told.")
    success = "The message is refused, and the author is told."

    def change(self) -> None:
        holding.refuse(self.moderator, self.cleaned_data["entry"], self.cleaned_data["reason"])


class HeldView(ModerationView):
    template_name = "moderation/held.html"
    section = "moderation_held"
    forms = {"release": ReleaseForm, "refuse": RefuseForm}

    def get_context_data(self, *, failed=None, **kwargs):
        page = page_of(self.request, holding.waiting(self.moderator), PER_PAGE)
        titles = finding.titles({held.room for held in page}, None)
        return super().get_context_data(
            failed=failed,
            listed=[held.pk for held in page],
            page=page,
            rows=[
                (held, titles[held.room_id], failed.problems if is_about(failed, held.pk) else [])
                for held in page
            ],
            **kwargs,
        )
