"""The pages on which people find, join and create rooms."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.views.generic import FormView, TemplateView, View

from chat.models import Room, User
from chat.room import creation, finding, join_requests, summaries
from chat.room.refusal import RefusalCode, Refused
from chat.room.summaries import RoomSummary
from chat.views.readable_room import ReadableRoomMixin
from chat.views.room_forms import CreateRoomForm, DirectRoomForm, SearchForm, refusal_text

PER_PAGE = 20  # rooms; more of them get a search field


class RoomsView(LoginRequiredMixin, TemplateView):
    """The open rooms, which everybody may join, and what belongs to the user besides."""

    template_name = "rooms/list.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        search = SearchForm(self.request.GET)
        page = page_of(self.request, finding.open_rooms(user.pk, search.text))
        mine = summaries.of_members([user.pk])[user.pk]
        unread = {summary.id: summary for summary in mine}
        standings = standings_of(user)
        is_start = page.number == 1 and not search.text
        return super().get_context_data(
            page=page,
            rooms=[(room, unread.get(room.pk), standings.get(room.pk)) for room in page],
            others=[summary for summary in mine if is_unlisted(summary)] if is_start else [],
            search=search,
            is_long=search.text or page.paginator.num_pages > 1,
            may_create=creation.may_create(user),
            **kwargs,
        )


def is_unlisted(summary: RoomSummary) -> bool:
    """Return whether a room is not among the open rooms that everybody finds."""
    return summary.kind != Room.Kind.OPEN or summary.archived


class Standing(NamedTuple):
    """The state of a request to join a room."""

    waits: bool
    text: str


def standings_of(user: User) -> dict[int, Standing]:
    """Return {room id: how it stands} for the rooms that an account has asked to join lately.

    Rooms that everybody may join by now are not among them.
    """
    waits = Standing(True, "You have asked to join. The moderators will decide.")
    declined = {
        entry.room_id: not_let_in(entry.reason) for entry in join_requests.declined(user.pk)
    }
    found = declined | {request.room_id: waits for request in join_requests.of_account(user.pk)}
    by_request = Room.objects.filter(pk__in=list(found), by_request=True)
    return {room_id: found[room_id] for room_id in by_request.values_list("pk", flat=True)}


def not_let_in(reason: str) -> Standing:
    return Standing(False, "You were not let in" + (f": {reason}" if reason else "."))


def page_of(request: HttpRequest, rows: QuerySet, per_page: int = PER_PAGE) -> Page:
    """Return the page of a list that a request asks for; the nearest one if it does not exist."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


class NewRoomView(LoginRequiredMixin, FormView):
    """A form that leads to a room."""

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form):
        if not form.try_change():
            return self.form_invalid(form)
        return redirect("room", form.result.slug)


class CreateRoomView(NewRoomView):
    template_name = "rooms/create.html"
    form_class = CreateRoomForm
    initial = {"access": "open"}

    def get(self, request, *args, **kwargs):
        if creation.may_create(request.user):
            return super().get(request, *args, **kwargs)
        return self.render_to_response({"closed": True}, status=403)


class DirectRoomView(NewRoomView):
    """Open the direct room of some people. A link can name them: `?names=ann,bob`."""

    template_name = "rooms/direct.html"
    form_class = DirectRoomForm

    def get_initial(self):
        return {"names": self.request.GET.get("names", "")}


class JoinRoomView(ReadableRoomMixin, View):
    """Join an open room, and go there."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            join_requests.join_or_ask(self.room.pk, request.user)
        except Refused as refusal:
            if refusal.code is RefusalCode.NO_SUCH_ROOM:
                raise
            messages.error(request, refusal_text(refusal))
            return redirect("rooms")
        return redirect("room", self.room.slug)


class WithdrawRequestView(ReadableRoomMixin, View):
    """Take back a request to be let into a room, and go `back` to the page that has the form."""

    http_method_names = ["post"]
    pages = {"room": "room", "settings": "room_settings"}  # besides the list of rooms

    def post(self, request, *args, **kwargs):
        join_requests.withdraw(self.room.pk, request.user)
        page = self.pages.get(request.POST.get("back", ""))
        return redirect(page, self.room.slug) if page else redirect("rooms")
