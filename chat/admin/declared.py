"""The base of all lists: nothing but what a list declares can be asked of the database."""

import re

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ORDER_VAR
from django.http import QueryDict

from chat.admin.recording import RecordingMixin

KEY = re.compile(r"[0-9]{1,18}", re.ASCII)  # a primary key that every database accepts


class DeclaredAdmin(RecordingMixin, admin.ModelAdmin):
    """Allows filtering by the declared filters only, and ignores what cannot be meant.

    Django allows every lookup on a field of the model, so that a link could make the database
    match a regular expression for hours.
    """

    def lookup_allowed(self, lookup, value, request=None):
        filters = self.get_list_filter(request)
        return any(lookup in parameters_of(self.model, declared) for declared in filters)

    def changelist_view(self, request, extra_context=None):
        request.GET = without_nonsense(request.GET)
        if ACTION_CHECKBOX_NAME in request.POST:
            request.POST = with_usable_keys(request.POST)
        return super().changelist_view(request, extra_context)


def parameters_of(model, declared) -> set[str]:
    """Return the parameters in the address of a list that an item of `list_filter` reads."""
    if not isinstance(declared, str):
        return {declared.parameter_name}
    field = get_fields_from_path(model, declared)[-1]
    exact = f"{declared}__{field.target_field.name}" if field.remote_field else declared
    return {f"{exact}__exact", f"{declared}__isnull"}


def without_nonsense(parameters: QueryDict) -> QueryDict:
    """Return parameters with one value each, none that contains NUL, and each column once."""
    cleaned = parameters.copy()
    for name, value in parameters.items():  # the last value of each
        if "\0" in name + value:
            del cleaned[name]
        else:
            cleaned[name] = distinct_columns(value) if name == ORDER_VAR else value
    return cleaned


def distinct_columns(order: str) -> str:
    """Return the columns of an order such as `1.-3`, without repetitions of a column."""
    columns = {column.lstrip("-"): column for column in reversed(order.split("."))}
    return ".".join(reversed(columns.values()))


def with_usable_keys(form: QueryDict) -> QueryDict:
    """Return a form whose selected rows are only those that can exist."""
    cleaned = form.copy()
    selected = [key for key in form.getlist(ACTION_CHECKBOX_NAME) if KEY.fullmatch(key)]
    cleaned.setlist(ACTION_CHECKBOX_NAME, selected)
    return cleaned
