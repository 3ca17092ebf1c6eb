"""The list of messages, which stays fast when there are millions of them."""

from functools import cached_property

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, Sum

from chat.models import Room

MAX_LISTED = 10_000  # messages that a list shows; a filter or a search finds older ones


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
        return Page(rows, number, self)


class NewestFirstChangeList(ChangeList):
    """A list that is always in the order of the primary key, which an index serves."""

    def get_ordering(self, request, queryset):
        return ["-pk"]

    def get_results(self, request):
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
        # The numbers of a room's lines have no gaps, so the last one is also their count.
        self.full_result_count = Room.objects.aggregate(total=Sum("last_seq"))["total"] or 0
        self.show_full_result_count = True
        self.has_older = MAX_LISTED == self.result_count < self.full_result_count
