"""The lists of messages and security events, which stay fast when there are millions of rows."""

from functools import cached_property

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, Sum

from chat.admin.filters import RoomFilter
from chat.models import Room
from chat.room.access import shown_to_staff

MAX_LISTED = 10_000  # rows that a list shows; a filter or a search finds older ones


class NewestRowsPaginator(Paginator):
    """Pages of the newest rows that match, at most `MAX_LISTED` of them.

    It reads the keys of the rows once, newest first, and stops when it has enough. It never uses
    COUNT, which would always read the whole table.
    """

    object_list: QuerySet

    @cached_property
    def keys(self) -> list[int]:
        return list(self.object_list.values_list("pk", flat=True)[:MAX_LISTED])

    @property
    def count(self) -> int:
        return len(self.keys)

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        end = number * self.per_page
        keys = self.keys[end - self.per_page : end]
        rows = self.object_list.model.objects.filter(pk__in=keys).order_by("-pk")
        rows.query.select_related = self.object_list.query.select_related
        return Page(rows, number, self)


class NewestFirstChangeList(ChangeList):
    """A list that is always in the order of the primary key, which an index serves."""

    def get_ordering(self, request, queryset):
        return ["-pk"]

    def get_results(self, request):
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
        self.has_older = self.result_count == MAX_LISTED


class LongListMixin(admin.ModelAdmin):
    """A list of at most 100 rows a page, without filters that count all rows."""

    list_per_page = 100
    list_max_show_all = 100
    sortable_by = []
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # Each facet would count the whole table.


class NewestFirstMixin(LongListMixin):
    """A list of the newest rows, which stays fast when there are millions of them."""

    paginator = NewestRowsPaginator

    def get_changelist(self, request, **kwargs):
        return NewestFirstChangeList


class MessageChangeList(NewestFirstChangeList):
    """The list of messages, which knows the number of all rows without counting them."""

    def get_ordering(self, request, queryset):
        # In one room the numbers have the order of the primary keys, and an index of their own.
        return ["-seq"] if request.GET.get(RoomFilter.parameter_name) else ["-pk"]

    def get_results(self, request):
        super().get_results(request)
        # The numbers of a room's lines have no gaps, so the last one is also their count.
        rooms = Room.objects.filter(shown_to_staff(request.user))
        self.full_result_count = rooms.aggregate(total=Sum("last_seq"))["total"] or 0
        self.show_full_result_count = True
        self.has_older = self.has_older and self.result_count < self.full_result_count
