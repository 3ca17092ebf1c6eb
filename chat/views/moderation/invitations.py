"""The page with the invitations to the site."""

from datetime import timedelta

from django import forms

from chat.accounts import invitations
from chat.accounts.invitations import MAX_USES
from chat.room import durations
from chat.views.moderation.base import ModerationView, is_about
from chat.views.moderation.forms import EntryForm, ModerationForm, room_field, room_named
from chat.views.rooms import page_of
from chat.views.site_url import own_url

PER_PAGE = 20
EXPIRY = {"1d": "1 day", "7d": "7 days", "30d": "30 days", "": "It does not end"}


class CreateForm(ModerationForm):
    """A new link with which people sign up."""

    room = room_field("Room to land in", "The name or the address of a room. Empty: the lobby.")
    max_uses = forms.IntegerField(
        label="Number of uses",
        required=False,
        min_value=1,
        max_value=MAX_USES,
        help_text="How many people may use it. Empty: any number.",
    )
    expires = forms.ChoiceField(
        label="It ends after", required=False, choices=list(EXPIRY.items()), initial="7d"
    )
    success = "The invitation is created. Send its link to those whom you invite."

    def clean_expires(self) -> timedelta | None:
        text = self.cleaned_data["expires"]
        return durations.parse(text) if text else None

    def change(self) -> None:
        values = self.cleaned_data
        room_id = room_named(values["room"], self.moderator.user)
        invitations.create(self.moderator, room_id, values["max_uses"], values["expires"])


class RevokeForm(EntryForm):
    """Let nobody use a link any more."""

    success = "The invitation is revoked."

    def change(self) -> None:
        invitations.revoke(self.moderator, self.cleaned_data["entry"])


class InvitationsView(ModerationView):
    template_name = "moderation/invitations.html"
    section = "moderation_invitations"
    forms = {"create": CreateForm, "revoke": RevokeForm}

    def get_context_data(self, *, failed=None, **kwargs):
        page = page_of(self.request, invitations.listed(self.request.user), PER_PAGE)
        address = own_url(self.request)
        return super().get_context_data(
            failed=failed,
            listed=[invitation.pk for invitation in page],
            page=page,
            rows=[
                (
                    invitation,
                    address + invitations.path(invitation),
                    invitations.state(invitation),
                    failed.problems if is_about(failed, invitation.pk) else [],
                )
                for invitation in page
            ],
            create=failed if isinstance(failed, CreateForm) else CreateForm(self.moderator),
            is_creating=isinstance(failed, CreateForm),
            **kwargs,
        )
