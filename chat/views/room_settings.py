"""The settings of a room: its name and topic, its access, and its members."""

from functools import cached_property
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.views.generic import TemplateView

from chat.models import Membership
from chat.room import finding, permissions, roles
from chat.views.readable_room import ReadableRoomMixin
from chat.views.room_change_forms import (
    AccessForm,
    ArchiveForm,
    ChoicesForm,
    DetailsForm,
    InviteForm,
    JoinForm,
    LeaveForm,
    MemberForm,
    RemoveForm,
    ReopenForm,
    RoleForm,
    RoomForm,
)
from chat.views.room_forms import SearchForm
from chat.views.rooms import page_of, standings_of

MEMBERS_PER_PAGE = 50
# The forms of the page, by the value of the button that sends them.
FORMS: dict[str, type[RoomForm]] = {
    "details": DetailsForm,
    "access": AccessForm,
    "invite": InviteForm,
    "choices": ChoicesForm,
    "role": RoleForm,
    "remove": RemoveForm,
    "join": JoinForm,
    "leave": LeaveForm,
    "archive": ArchiveForm,
    "reopen": ReopenForm,
}
# Forms that stand on the page with their fields, and the offers of which each needs one.
WITH_FIELDS = {
    "details": {"name", "topic"},
    "access": {"access"},
    "choices": {"choices"},
    "invite": {"invite"},
}


class ListedMember(NamedTuple):
    """A member as the page lists it, what the user may do to it, and why that was refused."""

    row: Membership
    is_self: bool
    may_be_removed: bool
    errors: list[str]


class RoomSettingsView(ReadableRoomMixin, TemplateView):
    template_name = "rooms/settings.html"

    def post(self, request, *args, **kwargs):
        action = request.POST.get("action", "")
        if action not in FORMS:
            raise Http404
        form = self.make_form(action, request.POST)
        if not (form.is_valid() and form.try_change()):
            return self.render_to_response(self.get_context_data(failed=action, failed_form=form))
        if form.success:
            messages.success(request, form.success)
        is_left = action == "leave" or finding.find(self.room.slug, self.reader) is None
        return redirect("rooms") if is_left else redirect("room_settings", self.room.slug)

    def make_form(self, action, data=None):
        more = {"offered": self.offered} if action == "details" else {}
        return FORMS[action](self.request.user, self.room, data, auto_id=f"{action}_%s", **more)

    @cached_property
    def offered(self) -> set[str]:
        return permissions.offered(self.request.user, self.room)

    def get_context_data(self, failed="", failed_form=None, **kwargs):
        forms = {name: self.make_form(name) for name in WITH_FIELDS}
        if failed:
            forms[failed] = failed_form
        search = SearchForm(self.request.GET)
        found = finding.members(self.room, self.reader, search.text)
        page = page_of(self.request, found, MEMBERS_PER_PAGE)
        members = self.listed(page, failed_form)
        role = roles.role_of(self.request.user, self.room)
        return super().get_context_data(
            room=self.room,
            title=self.title(),
            role=role,
            standing=None if role else standings_of(self.request.user).get(self.room.pk),
            offered=self.offered,
            forms=forms,
            errors=self.general_errors(failed, failed_form, members),
            page=page,
            members=members,
            roles=Membership.Role.choices,
            search=search,
            is_long=search.text or page.paginator.num_pages > 1,
            **kwargs,
        )

    def listed(self, rows, failed_form) -> list[ListedMember]:
        """Return the members of a page, with the errors of a form that was about one of them."""
        user = self.request.user
        mine = roles.acting_role(user, self.room) if "remove" in self.offered else None
        refused = failed_form["member"].value() if isinstance(failed_form, MemberForm) else None
        return [
            ListedMember(
                row=row,
                is_self=row.user_id == user.pk,
                may_be_removed=row.user_id != user.pk and roles.may_remove(mine, row.role),
                errors=errors_of(failed_form) if refused == str(row.pk) else [],
            )
            for row in rows
        ]

    def general_errors(self, failed, form, members) -> list[str]:
        """Return the errors of a form that stand neither beside its fields nor at a member."""
        at_fields = WITH_FIELDS.get(failed, set()) & self.offered
        at_member = failed in self.offered and any(member.errors for member in members)
        return [] if form is None or at_fields or at_member else errors_of(form)


def errors_of(form: RoomForm) -> list[str]:
    return [error for errors in form.errors.values() for error in errors]
