"""The admin site: who has an account, what was said, and who is here, for staff.

It translates, like the other doors: what changes a room goes through `chat.room`.
"""

from collections import defaultdict
from datetime import timedelta
from functools import cached_property, partial

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.forms import CharField
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import Truncator, smart_split, unescape_string_literal

from chat import accounts
from chat.forms import FreeName
from chat.live import process
from chat.models import Message, Presence, Room, User
from chat.names import key_of
from chat.room import presence, transcript

LISTED = 10_000  # messages that a list leads to; a filter or a search finds older ones
REMOVED_AT_ONCE = 500  # messages; meanwhile nobody can speak
WORDS = 10  # of a search; the rest is not looked for
SHORTENED = 120  # characters of a message in the list

admin.site.site_header = "Chatsite"
admin.site.site_title = "Chatsite"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # the lists need its place more than five links do


# Searching


def search(queryset, typed, match):
    """The rows in which all words that were typed are found; `match(word)` is the condition."""
    for word in list(smart_split(typed))[:WORDS]:
        if word[0] in "\"'" and word[0] == word[-1] and len(word) > 1:
            word = unescape_string_literal(word)
        queryset = queryset.filter(match(word))
    return queryset


def contains(field, word):
    """Like `icontains`, also where SQLite, which folds the case of ASCII letters only, does not."""
    spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.title()}
    return Q.create([(f"{field}__icontains", each) for each in spellings], connector=Q.OR)


def named(word):
    """Has a name with this word in it, or with one that looks the same."""
    key = key_of(word)
    return Q(key__contains=key) if key else Q()


def of_an_account(word):
    return named(word) | contains("username", word) | contains("email", word)


def in_a_message(word):
    return contains("text", word) | contains("name", word)


def clock(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def count(number, noun, plural=""):
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def wake(room_ids):
    for room_id in room_ids:
        process.wake(room_id)


class Styled:
    class Media:
        css = {"all": ["chat/admin.css"]}


# Users


class NewUser(FreeName, BaseUserCreationForm):
    """An account that staff make for somebody; its name keeps the rules of signing up."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        # Django's own field would rewrite a name that signing up refuses.
        field_classes = {"username": CharField}


class ChangedUser(UserChangeForm):
    editor = None  # who fills it in

    def clean(self):
        cleaned = super().clean()
        lost = [
            right
            for right in accounts.ADMINISTRATORS
            if getattr(self.instance, right) and not cleaned.get(right, True)
        ]
        if lost and (reason := why_kept(self.instance, self.editor)):
            self.add_error(lost[0], reason)
        return cleaned


def why_kept(user, editor):
    """Why `editor` must not take away that `user` administrates the site; None when they may."""
    if user == editor:
        reason = "You cannot lock yourself out; another administrator can."
    elif accounts.is_last_administrator(user):
        reason = f"{user} is the last active administrator, and somebody has to be."
    else:
        reason = None
    return reason


@admin.register(User)
class Users(Styled, UserAdmin):
    """Accounts.

    A name stays what it was: the lines of the log bear it, and whoever got it next would seem to
    have said them. Accounts of staff are touched by superusers only; else whoever may change
    users could set the password of one who may do more.
    """

    list_display = ["username", "email", "is_staff", "is_active", "joined", "signed_in"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    search_fields = ["username", "email"]
    search_help_text = "Names (also those that look the same) and e-mail addresses"
    ordering = ["username"]
    actions = ["deactivate", "activate", "delete_selected"]
    form = ChangedUser
    add_form = NewUser
    fieldsets = [
        (None, {"fields": ["username", "password", "email"]}),
        (
            "Permissions",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "password1", "password2"]})
    ]

    @admin.display(description="joined", ordering="date_joined")
    def joined(self, user):
        return clock(user.date_joined)

    @admin.display(description="last signed in", ordering="last_login", empty_value="never")
    def signed_in(self, user):
        return clock(user.last_login)

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, of_an_account), False

    # Who may do what

    def get_readonly_fields(self, request, obj=None):
        fields = ["last_login", "date_joined"]
        if obj is not None:
            fields += ["username"]
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser", "groups", "user_permissions"]
        return fields

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def _may_touch(self, request, user):
        return user is None or request.user.is_superuser or not (user.is_staff or user.is_superuser)

    def _refuse(self, request, user):
        """Tell why this account must stay as it is; false when it need not."""
        if self._may_touch(request, user):
            reason = why_kept(user, request.user)
        else:
            reason = f"{user} belongs to the staff; only a superuser may do that."
        if reason:
            self.message_user(request, reason, messages.ERROR)
        return bool(reason)

    # Changing

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            # Whoever touches a room locks it first; this transaction has touched other rows.
            transaction.on_commit(partial(self._close, obj))

    def user_change_password(self, request, id, form_url=""):
        user, was = self.get_object(request, unquote(id)), request.session.session_key
        response = super().user_change_password(request, id, form_url)
        if user and not User.objects.filter(pk=user.pk, password=user.password).exists():
            if user == request.user:
                accounts.keep_only(user, request.session.session_key, was=was)
            else:
                self._close(user)
        return response

    def _close(self, user):
        wake(presence.disconnect(user_id=user.pk))

    @admin.action(description="Deactivate selected users", permissions=["change"])
    def deactivate(self, request, queryset):
        done = 0
        for user in queryset.filter(is_active=True):
            if not self._refuse(request, user):
                wake(accounts.deactivate(user))
                self.log_change(request, user, "Deactivated.")
                done += 1
        self.message_user(request, f"Deactivated: {count(done, 'user')}.", _level(done))

    @admin.action(description="Activate selected users", permissions=["change"])
    def activate(self, request, queryset):
        done = 0
        for user in queryset.filter(is_active=False):
            if self._may_touch(request, user) or not self._refuse(request, user):
                accounts.activate(user)
                self.log_change(request, user, "Activated.")
                done += 1
        self.message_user(request, f"Activated: {count(done, 'user')}.", _level(done))

    # Deleting

    @admin.action(description="Delete selected users", permissions=["delete"])
    def delete_selected(self, request, queryset):
        if [user for user in queryset if self._refuse(request, user)]:
            return None
        return actions.delete_selected(self, request, queryset)

    def delete_view(self, request, object_id, extra_context=None):
        user = self.get_object(request, unquote(object_id))
        if user and self.has_delete_permission(request) and self._refuse(request, user):
            return redirect("admin:chat_user_change", user.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs, request):
        """What goes with an account. It leaves its rooms first, so nobody's presence is in the way.

        (what to show, {kind: number}, permissions that lack, what is in the way)
        """
        shown = []
        for user in objs:
            stays = (
                f"What {user} said stays in the room, under the name “{transcript.DELETED_USER}”."
            )
            shown += [f"User: {user}", [stays]]
        numbers = {"users": len(objs)}
        if entries := LogEntry.objects.filter(user__in=objs).count():
            numbers["entries of what they did in the admin"] = entries
        allowed = all(self.has_delete_permission(request, user) for user in objs)
        return shown, numbers, set() if allowed else {self.opts.verbose_name}, []

    def delete_model(self, request, obj):
        transaction.on_commit(partial(self._delete, [obj]))

    def delete_queryset(self, request, queryset):
        users = list(queryset)
        transaction.on_commit(partial(self._delete, users))

    def _delete(self, users):
        for user in users:
            accounts.delete(user)
        wake(Room.objects.values_list("pk", flat=True))


def _level(done):
    return messages.SUCCESS if done else messages.WARNING


# Rooms


@admin.register(Room)
class Rooms(admin.ModelAdmin):
    """The room behind both doors. There is one, and it stays: processes serve it."""

    list_display = ["name", "last_seq", "people"]
    fields = ["name", "last_seq", "people"]
    readonly_fields = ["last_seq", "people"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(people=Count("presence"))

    @admin.display(description="people", ordering="people")
    def people(self, room):
        return room.people

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


# Messages


class Newest(Paginator):
    """Pages of the newest rows that match, at most `LISTED` of them.

    It looks through the table once, for their keys, newest first, and stops when it has enough.
    No COUNT: that would always go to the end.
    """

    @cached_property
    def keys(self):
        return list(self.object_list.values_list("pk", flat=True)[:LISTED])

    @property
    def count(self):
        return len(self.keys)

    def page(self, number):
        number = self.validate_number(number)
        end = number * self.per_page
        keys = self.keys[end - self.per_page : end]
        rows = self.object_list.model.objects.filter(pk__in=keys).order_by("-pk")
        return self._get_page(rows, number, self)


class NewestFirst(ChangeList):
    """A list in the order of its numbers, which an index serves, and in no other."""

    def get_ordering(self, request, queryset):
        return ["-pk"]

    def get_results(self, request):
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
        # A room's numbers have no gaps, so that nobody has to count its lines.
        self.full_result_count = Room.objects.aggregate(total=Sum("last_seq"))["total"] or 0
        self.show_full_result_count = True
        self.more = LISTED == self.result_count < self.full_result_count


class When(admin.SimpleListFilter):
    """A span of time, as the numbers of its first and last lines.

    Numbers go with every index and with the order of the list; the clock would need a sort.
    """

    title = "time"
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [
            ("today", "Today"),
            ("yesterday", "Yesterday"),
            ("week", "Past 7 days"),
            ("month", "Past 30 days"),
            ("year", "Past year"),
        ]

    def queryset(self, request, queryset):
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        spans = {
            "today": (0, None),
            "yesterday": (1, 0),
            "week": (7, None),
            "month": (30, None),
            "year": (365, None),
        }
        if self.value() not in spans:
            return queryset
        begin, end = spans[self.value()]
        first = self._first_since(today - timedelta(days=begin))
        if first is None:
            return queryset.none()
        queryset = queryset.filter(pk__gte=first)
        if end is not None and (after := self._first_since(today - timedelta(days=end))):
            queryset = queryset.filter(pk__lt=after)
        return queryset

    def _first_since(self, moment):
        rows = Message.objects.filter(at__gte=moment).order_by("at", "pk")
        return rows.values_list("pk", flat=True).first()


class Removed(admin.SimpleListFilter):
    title = "removed"
    parameter_name = "removed"

    def lookups(self, request, model_admin):
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            queryset = queryset.filter(removed=self.value() == "yes")
        return queryset


class By(admin.SimpleListFilter):
    """All that happened under one name; a name in the list leads here."""

    title = "name"
    parameter_name = "name"

    def lookups(self, request, model_admin):
        return [(self.value(), self.value())] if self.value() else []

    def queryset(self, request, queryset):
        return queryset.filter(name=self.value()) if self.value() else queryset


class ReadOnly(Styled, admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Message)
class Messages(ReadOnly):
    """The log. Nobody edits other people's words; a removed message becomes a tombstone."""

    list_display = ["seq", "time", "kind", "by", "shortened", "from_guest", "is_removed"]
    list_filter = ["kind", When, Removed, By]
    list_per_page = 100
    list_max_show_all = 100
    search_fields = ["text", "name"]
    search_help_text = "Words of the text or the name; all of them must be there"
    sortable_by = []
    show_full_result_count = False  # the list knows it without
    show_facets = admin.ShowFacets.NEVER  # each of them would count the table
    paginator = Newest
    actions = ["remove"]

    def get_fields(self, request, obj=None):
        """What there is to see of a line of this kind."""
        fields = ["room", "seq", "time", "kind", "by"]
        fields += ["from_guest"] if obj.guest else ["author"]
        if obj.of is not None:
            fields += ["of"]
        if obj.text:
            fields += ["text"]
        if obj.kind == Message.Kind.SAID:
            fields += ["state"]
        return fields

    def get_changelist(self, request, **kwargs):
        return NewestFirst

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, in_a_message), False

    def has_remove_permission(self, request):
        return request.user.has_perm("chat.delete_message")

    @admin.display(description="time")
    def time(self, message):
        return clock(message.at)

    @admin.display(description="name")
    def by(self, message):
        query = urlencode({"name": message.name})
        url = reverse("admin:chat_message_changelist")
        return format_html('<a href="{}?{}">{}</a>', url, query, message.name)

    @admin.display(description="text", empty_value="")
    def shortened(self, message):
        return Truncator(message.text).chars(SHORTENED)

    @admin.display(description="guest", empty_value="")
    def from_guest(self, message):
        return "guest" if message.guest else ""

    @admin.display(description="removed", empty_value="")
    def is_removed(self, message):
        return "removed" if message.removed else ""

    @admin.display(description="state")
    def state(self, message):
        if not message.removed:
            return "Everybody sees it."
        line = Message.objects.filter(
            room=message.room_id, kind=Message.Kind.REMOVED, of=message.seq
        ).first()
        if line is None:
            return "Removed: only staff can read it."
        return f"Removed by {line.name}, {clock(line.at)}: only staff can read it."

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["removable"] = (
            self.has_remove_permission(request)
            and obj.kind == Message.Kind.SAID
            and not obj.removed
        )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.action(description="Remove selected messages", permissions=["remove"])
    def remove(self, request, queryset):
        chosen = defaultdict(list)
        for room_id, seq in queryset.values_list("room_id", "seq")[:LISTED]:
            chosen[room_id].append(seq)
        removed = 0
        for room_id, seqs in sorted(chosen.items()):
            seqs.sort()
            for start in range(0, len(seqs), REMOVED_AT_ONCE):
                batch = seqs[start : start + REMOVED_AT_ONCE]
                removed += transcript.remove(room_id, batch, by=request.user)
            process.wake(room_id)
        self.message_user(request, f"Removed: {count(removed, 'message')}.", _level(removed))
        if passed := sum(map(len, chosen.values())) - removed:
            self.message_user(
                request,
                f"Passed over: {count(passed, 'line')}. Only what somebody said can be removed, "
                "and only once.",
                messages.WARNING,
            )


# Presence


@admin.register(Presence)
class People(ReadOnly):
    """Who is here."""

    list_display = ["name", "from_guest", "room", "entered_at", "connections", "processes"]
    fields = ["name", "from_guest", "user", "room", "entered_at", "connections", "processes"]
    list_select_related = ["room"]
    search_fields = ["name"]
    search_help_text = "Names, also those that look the same"
    ordering = ["entered"]
    actions = ["disconnect"]

    def get_queryset(self, request):
        line = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("entered"))
        people = super().get_queryset(request).annotate(since=Subquery(line.values("at")))
        return people.prefetch_related("connection_set__process")

    def get_search_results(self, request, queryset, search_term):
        return search(
            queryset, search_term, lambda word: named(word) | contains("name", word)
        ), False

    def has_disconnect_permission(self, request):
        return request.user.has_perm("chat.delete_presence")

    @admin.display(description="guest", empty_value="")
    def from_guest(self, person):
        return "guest" if person.guest else ""

    @admin.display(description="entered", ordering="entered")
    def entered_at(self, person):
        return clock(person.since)

    @admin.display
    def connections(self, person):
        doors = [connection.door for connection in person.connection_set.all()]
        return ", ".join(f"{doors.count(door)} {door}" for door in sorted(set(doors)))

    @admin.display
    def processes(self, person):
        return ", ".join(sorted({str(each.process) for each in person.connection_set.all()}))

    @admin.action(description="Disconnect selected people", permissions=["disconnect"])
    def disconnect(self, request, queryset):
        chosen = list(queryset)
        wake(presence.put_out([person.pk for person in chosen]))
        LogEntry.objects.log_actions(
            request.user.pk, chosen, DELETION, change_message="Disconnected."
        )
        done = count(len(chosen), "person", "people")
        self.message_user(request, f"Disconnected: {done}.", _level(chosen))
