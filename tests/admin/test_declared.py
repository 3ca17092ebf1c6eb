"""Addresses and forms that nobody makes by accident: what a list declares is all it does."""

import time
from itertools import product
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import User
from tests.support.admin import create_staff, listed, signed_in
from tests.support.waiting import PATIENCE

LISTS = ["chat/message", "chat/user", "chat/presence", "chat/room", "auth/group"]
LISTS += ["chat/securityevent", "chat/membership"]


UNDECLARED = {
    "chat/message": [
        "text__regex",
        "text",
        "text__icontains",
        "author__password__startswith",
        "author__email",
        "kind__regex",
        "kind__in",
        "kind",
        "room__name__regex",
        "name__regex",
        "unknown",
        "id__in",
    ],
    "chat/user": [
        "password__startswith",
        "email__regex",
        "is_active__regex",
        "groups__name__regex",
        "groups__permissions__codename",
        "logentry__change_message__regex",
    ],
    "chat/presence": ["name__regex", "user__password__startswith"],
    "chat/room": ["name__regex", "message__text__regex", "membership__user__email__regex", "slug"],
    "chat/membership": ["user__password__startswith", "room__name__regex", "room__id", "role"],
    "auth/group": ["name__regex", "user__password__startswith"],
    "chat/securityevent": ["detail__regex", "account__startswith", "kind__regex", "user_id"],
}


@pytest.mark.parametrize("page", UNDECLARED)
def test_a_filter_that_is_not_declared_does_not_reach_the_database(root_client, conversation, page):
    for parameter in UNDECLARED[page]:
        with CaptureQueriesContext(connection) as queries:
            response = root_client.get(f"/admin/{page}/", {parameter: "^(ax+)+$"})
        assert response.status_code == 400, parameter
        assert not any("ax+" in query["sql"] for query in queries)


DECLARED = [
    ("chat/message", "kind__exact=said"),
    ("chat/message", "removed=no"),
    ("chat/message", "name=alice"),
    ("chat/message", "when=today"),
    ("chat/message", "kind__exact=said&q=good&p=1&_facets=True"),
    ("chat/message", "room=1&kind__exact=said"),
    ("chat/room", "kind__exact=private&archived__exact=0&guests_allowed__exact=1&q=tea"),
    ("chat/membership", "role__exact=owner&room=1&user=alice&q=a&p=1"),
    ("chat/user", "is_active__exact=1"),
    ("chat/user", "is_staff__exact=0&o=1.-2"),
    ("chat/user", "groups__isnull=True"),
    ("chat/user", "groups__id__exact=1"),
    ("chat/user", "all=&e=1"),
    ("chat/securityevent", "kind__exact=signed_in&when=week&account=a&by=b&network=c"),
]


def test_declared_filters_work(root_client, conversation):
    for page, query in DECLARED:
        assert root_client.get(f"/admin/{page}/?{query}").status_code == 200, query


NONSENSE = ["\0", "a\0b", "9" * 30, "9" * 5000, "-1", "٣", "%"]


PARAMETERS = [
    *("q", "o", "p", "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters"),
    *("name", "kind__exact", "removed", "when", "is_active__exact", "groups__id__exact", "\0"),
    *("account", "by", "network", "room", "user", "role__exact", "archived__exact"),
]


@pytest.mark.parametrize("page", LISTS)
def test_odd_values_in_the_address_of_a_list_are_no_errors(root_client, conversation, page):
    for parameter in PARAMETERS:
        for value in NONSENSE:
            response = root_client.get(f"/admin/{page}/", {parameter: value})
            assert response.status_code in (200, 302, 400), (parameter, value)


def test_a_value_with_nul_is_ignored(root_client, conversation):
    value = "bob\0"
    assert len(listed(root_client.get("/admin/chat/message/", {"name": value}))) == 5
    assert len(listed(root_client.get("/admin/chat/message/", {"q": value}))) == 5


@pytest.mark.parametrize("field", ["user", "groups"])
def test_odd_terms_of_the_autocompletion_are_no_errors(root_client, field):
    model = "presence" if field == "user" else "user"
    query = {"app_label": "chat", "model_name": model, "field_name": field}
    start = time.monotonic()
    for term in ("\0", "a" * 100_000, "a " * 50_000, "\"'" * 10_000):
        response = root_client.get("/admin/autocomplete/", {**query, "term": term})
        assert response.status_code == 200, term[:4]
    assert time.monotonic() - start < PATIENCE


@pytest.mark.parametrize("page", LISTS)
def test_a_column_orders_a_list_once(root_client, conversation, page):
    with CaptureQueriesContext(connection) as queries:
        response = root_client.get(f"/admin/{page}/", {"o": "1.-2." + "1.2.-1." * 3000})
    assert response.status_code == 200
    assert max(len(query["sql"]) for query in queries) < 5000


def test_of_many_values_of_a_filter_the_last_counts(root_client, conversation):
    query = "&".join(["kind__exact=entered"] * 900 + ["kind__exact=said"])
    response = root_client.get(f"/admin/chat/message/?{query}")
    assert {line.kind for line in listed(response)} == {"said"}


KEYS = ["x", "\0", "", "9" * 30, "9" * 5000, "-1", "٣", "1.0", "_00"]


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("chat/message", "remove"),
        ("chat/user", "deactivate"),
        ("chat/user", "delete_selected"),
        ("chat/presence", "disconnect"),
        ("chat/room", "archive"),
        ("auth/group", "delete_selected"),
    ],
)
def test_a_selected_row_that_cannot_exist_is_ignored(root_client, conversation, page, action):
    for key in KEYS:
        form = {"action": action, "_selected_action": [key], "index": 0}
        response = root_client.post(f"/admin/{page}/", form, follow=True)
        assert response.status_code == 200, key
    assert User.objects.filter(is_active=True).count() == 3


@pytest.mark.parametrize("page", LISTS)
def test_the_page_of_an_object_that_cannot_exist_is_no_error(root_client, lobby, page):
    for view, key in product(("change", "delete", "history", "password"), KEYS):
        response = root_client.get(f"/admin/{page}/{quote(key)}/{view}/", follow=True)
        assert response.status_code in (200, 403, 404)


# Groups


@pytest.fixture
def group(transactional_db):
    return Group.objects.create(name="wardens")


def test_staff_cannot_see_or_edit_groups_whatever_their_permissions(group):
    permissions = ("view_group", "add_group", "change_group", "delete_group", "view_permission")
    client = signed_in(create_staff(*permissions, "view_user", "change_user"))
    pages = ["", "add/", f"{group.pk}/change/", f"{group.pk}/delete/", f"{group.pk}/history/"]
    for page in pages:
        assert client.get(f"/admin/auth/group/{page}").status_code == 403
        assert client.post(f"/admin/auth/group/{page}", {"name": "x"}).status_code == 403
    assert "/auth/group/" not in client.get("/admin/").content.decode()
    query = {"app_label": "chat", "model_name": "user", "field_name": "groups", "term": ""}
    assert client.get("/admin/autocomplete/", query).status_code == 403
    assert Group.objects.get().name == "wardens"


def test_staff_cannot_put_anybody_into_a_group(group, alice):
    client = signed_in(create_staff("view_user", "change_user", "change_group"))
    form = {"email": "", "is_active": "on", "groups": [group.pk], "user_permissions": [1]}
    client.post(f"/admin/chat/user/{alice.pk}/change/", form)
    assert not alice.groups.exists()
    assert not alice.user_permissions.exists()


def test_a_superuser_edits_groups(root_client, group):
    root_client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "keepers"})
    assert Group.objects.get().name == "keepers"
    assert listed(root_client.get("/admin/auth/group/?q=keep")) == [group]
