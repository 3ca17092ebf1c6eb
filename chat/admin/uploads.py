"""The list of the files that people have sent."""

from django.contrib import admin
from django.db.models import Q
from django.template.defaultfilters import filesizeformat

from chat.admin.filters import LinkedFilter, RoomFilter
from chat.admin.listing import LongListMixin
from chat.admin.private_rooms import PrivateRoomsMixin
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.searching import search
from chat.admin.style import format_time
from chat.models import Upload, User
from chat.room.text_search import contains


class OwnerFilter(LinkedFilter):
    """Filter by the account that has sent the files, which the address names by its name."""

    title = "owner"
    parameter_name = "owner"

    def condition(self, value):
        return Q(owner__in=User.objects.filter(username=value))


@admin.register(Upload)
class UploadAdmin(LongListMixin, PrivateRoomsMixin, ReadOnlyAdmin):
    """The files. Staff cannot change them; the files of a message go when it is removed."""

    list_display = ["name", "of_room", "of_owner", "type", "bytes", "pixels", "sent", "state"]
    fields = ["name", "room", "owner", "type", "bytes", "pixels", "alt", "sent", "state"]
    list_filter = [RoomFilter, OwnerFilter]
    list_select_related = ["room", "owner"]
    search_fields = ["name"]
    search_help_text = "Words of the name"
    ordering = ["-created"]

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_name), False

    @admin.display(description="room", empty_value="")
    def of_room(self, upload: Upload) -> str:
        return RoomFilter.link("upload", str(upload.room_id or ""), str(upload.room))

    @admin.display(description="owner", empty_value="")
    def of_owner(self, upload: Upload) -> str:
        return OwnerFilter.link("upload", upload.owner.username) if upload.owner else ""

    @admin.display(description="size")
    def bytes(self, upload: Upload) -> str:
        return filesizeformat(upload.size)

    @admin.display(description="pixels", empty_value="")
    def pixels(self, upload: Upload) -> str:
        return f"{upload.width} × {upload.height}" if upload.is_image else ""

    @admin.display(description="sent")
    def sent(self, upload: Upload) -> str:
        return format_time(upload.created)

    @admin.display(description="state")
    def state(self, upload: Upload) -> str:
        """Return whether a message has the file, and when it will be deleted."""
        said = "In no message" if upload.seq is None else f"In line {upload.seq}"
        if upload.expires is None:
            return said
        removed = ", which was removed" if upload.seq is not None else ""
        return f"{said}{removed}. It is deleted after {format_time(upload.expires)}."


def matches_name(word: str) -> Q:
    return contains("name", word)
