"""The list of messages and other lines of the log, with the action that removes messages."""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from chat.accounts import events
from chat.accounts.events import Kind
from chat.admin.filters import NameFilter, RemovedFilter, RoomFilter, TimeFilter
from chat.admin.listing import MAX_LISTED, MessageChangeList, NewestFirstMixin
from chat.admin.moderating import moderator_of
from chat.admin.private_rooms import PrivateRoomsMixin
from chat.admin.protection import tell_spared
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.searching import matches_message, search
from chat.admin.style import format_count, format_time, message_level
from chat.models import Message, MessageVersion, Upload, User
from chat.room import removing
from chat.room.moderation_log import Moderator
from chat.room.moderation_rules import outranks
from chat.views.formatted import formatted_html
from chat.views.requester import requester_of

REMOVAL_BATCH_SIZE = 500  # messages in one transaction, during which nobody can speak
AUTHORSHIP = "room_id", "seq", "author_id", "name"  # of a message
MAX_LISTED_TEXT = 120  # characters of a message in the list


@admin.display(description="files")
def files_of(message: Message) -> SafeString:
    """Return the files of a message, also of a removed one, as links to what is known of them."""
    known = Upload.objects.in_bulk([file["id"] for file in message.files or ()])
    return format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        (
            (reverse("admin:chat_upload_change", args=[quote(file["id"])]), file["name"])
            for file in message.files or ()
            if file["id"] in known
        ),
    )


@admin.register(Message)
class MessageAdmin(NewestFirstMixin, PrivateRoomsMixin, ReadOnlyAdmin):
    """The log. Staff cannot edit a message; they can remove it, which leaves a tombstone."""

    list_display = ["seq", "of_room", "time", "kind", "name_link", "shortened", "from_guest"]
    list_display += ["is_removed"]
    list_filter = ["kind", TimeFilter, RemovedFilter, NameFilter, RoomFilter]
    list_select_related = ["room"]
    search_fields = ["text", "name"]
    search_help_text = "Words of the text or the name. Every word must be found."
    actions = ["remove"]

    def get_fields(self, request, obj=None):
        """Return the fields that a line of this kind uses."""
        fields = ["room", "seq", "time", "kind", "name_link"]
        fields += ["from_guest"] if obj.guest else ["author"]
        if obj.of is not None:
            fields += ["of"]
        if obj.text:
            fields += ["text"]
        if obj.spans:
            fields += ["formatted"]
        if obj.files:
            fields += [files_of]
        if obj.kind == Message.Kind.SAID:
            fields += ["state"]
        if obj.edited:
            fields += ["earlier_versions"]
        return fields

    def get_changelist(self, request, **kwargs):
        return MessageChangeList

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_message), False

    # Columns and fields

    @admin.display(description="room")
    def of_room(self, message: Message) -> str:
        """Return the room as a link to its log."""
        return RoomFilter.link("message", str(message.room_id), str(message.room))

    @admin.display(description="time")
    def time(self, message: Message) -> str:
        return format_time(message.at)

    @admin.display(description="name")
    def name_link(self, message: Message) -> str:
        """Return the name as a link to everything in the log under this name."""
        return NameFilter.link("message", message.name)

    @admin.display(description="text", empty_value="")
    def shortened(self, message: Message) -> str:
        words = message.text or ", ".join(file["name"] for file in message.files or ())
        return Truncator(words).chars(MAX_LISTED_TEXT)

    @admin.display(description="as it is shown")
    def formatted(self, message: Message) -> SafeString:
        """Return the text with its formatting, also that of a removed message."""
        return format_html('<div class="formatted" dir="auto">{}</div>', formatted_html(message))

    @admin.display(description="guest", empty_value="")
    def from_guest(self, message: Message) -> str:
        return "guest" if message.guest else ""

    @admin.display(description="removed", empty_value="")
    def is_removed(self, message: Message) -> str:
        return "removed" if message.removed else ""

    @admin.display(description="state")
    def state(self, message: Message) -> str:
        """Return who can read the message, and who removed it and when."""
        if not message.removed:
            return "Visible to everybody."
        removals = Message.objects.filter(
            room=message.room_id, kind=Message.Kind.REMOVED, of=message.seq
        )
        removal = removals.order_by("-seq").first()
        if removal is None:
            return "Removed. Only staff can read it."
        return f"Removed by {removal.name}, {format_time(removal.at)}. Only staff can read it."

    @admin.display(description="earlier versions")
    def earlier_versions(self, message: Message) -> str:
        """Return the texts that the message had before, each with its time, the oldest first."""
        rows = MessageVersion.objects.filter(room=message.room_id, seq=message.seq)
        shown = [
            (format_time(version.at), linebreaksbr(version.text, autoescape=True))
            for version in rows.order_by("number")
        ]
        return format_html_join("", "<p>{}<br>{}</p>", shown)

    # Removing

    def has_remove_permission(self, request) -> bool:
        return request.user.has_perm("chat.delete_message")

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["removable"] = (
            self.has_remove_permission(request)
            and obj.kind == Message.Kind.SAID
            and not obj.removed
            and not protected_authors([attrgetter(*AUTHORSHIP)(obj)], moderator_of(request))
        )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.action(description="Remove selected messages", permissions=["remove"])
    def remove(self, request, queryset):
        moderator = moderator_of(request)
        found = list(queryset.values_list(*AUTHORSHIP)[:MAX_LISTED])
        spared = protected_authors(found, moderator)
        selected = [row[:2] for row in found if (row[0], row[2]) not in spared]
        removed = remove_messages(selected, moderator)
        if removed:
            count = format_count(removed, "message")
            events.record(Kind.STAFF_ACTION, requester_of(request), detail=f"removed {count}")
        self.message_user(
            request, f"Removed: {format_count(removed, 'message')}.", message_level(removed)
        )
        if skipped := len(selected) - removed:
            self.message_user(
                request,
                f"Skipped: {format_count(skipped, 'line')}. Only messages can be removed, and "
                "each only once.",
                messages.WARNING,
            )
        tell_spared(request, {row[3] for row in found if (row[0], row[2]) in spared})


def protected_authors(
    found: Iterable[tuple[int, int, int | None, str]], moderator: Moderator
) -> set[tuple[int, int]]:
    """Return the (room id, account) whose messages the moderator may not remove.

    Everybody may remove their own. `found` has the AUTHORSHIP of messages.
    """
    pairs = {(room_id, author_id) for room_id, _, author_id, _ in found if author_id is not None}
    authors = User.objects.in_bulk({author_id for _, author_id in pairs} - {moderator.user_id})
    return {
        (room_id, author_id)
        for room_id, author_id in pairs
        if author_id in authors and not outranks(moderator, authors[author_id], room_id)
    }


def remove_messages(selected: list[tuple[int, int]], moderator: Moderator) -> int:
    """Remove the selected (room id, number) pairs, and return how many were removed."""
    seqs_of_rooms = defaultdict(list)
    for room_id, seq in selected:
        seqs_of_rooms[room_id].append(seq)
    removed = 0
    for room_id, seqs in sorted(seqs_of_rooms.items()):
        seqs.sort()
        for start in range(0, len(seqs), REMOVAL_BATCH_SIZE):
            batch = seqs[start : start + REMOVAL_BATCH_SIZE]
            removed += removing.remove(room_id, batch, moderator.user, moderator=moderator)
    return removed
