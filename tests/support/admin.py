"""Short forms for tests of the admin site, by way of Django's test client."""

from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.test import Client

from chat.models import User

RIGHTS = ("is_active", "is_staff", "is_superuser")


def signed_in(user):
    """Return a test client in which `user` has signed in."""
    client = Client()
    client.force_login(user)
    return client


def create_staff(*permissions, name="warden"):
    """Create a staff member who has the permissions with these code names."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def upload_page(upload):
    """Return the address of the page of a file, whose random id Django writes in its own way."""
    return f"/admin/chat/upload/{quote(upload.pk)}/change/"


def run_action(client, model, action, *objects):
    """Run an action on some rows of a list; return the page that follows."""
    form = {"action": action, "_selected_action": [row.pk for row in objects], "index": 0}
    return client.post(f"/admin/chat/{model}/", form, follow=True)


def shown_messages(response):
    """Return the texts of the messages at the top of a page."""
    return [str(message) for message in response.context["messages"]]


def offered_actions(response):
    """Return the names of the actions that a list offers."""
    form = response.context["action_form"]
    return [name for name, _ in form.fields["action"].choices if name] if form else []


def listed(response):
    """Return the objects on a page of a list."""
    return list(response.context["cl"].result_list)


def listed_seqs(response):
    """Return the numbers of the lines on a page of the list of messages."""
    return [message.seq for message in listed(response)]


def save_user(client, user, **changes):
    """Submit the form of an account; a change to None unchecks a box. Return the next page."""
    form = {right: "on" for right in RIGHTS if getattr(user, right)}
    form |= {"email": user.email} | changes
    form = {name: value for name, value in form.items() if value is not None}
    return client.post(f"/admin/chat/user/{user.pk}/change/", form, follow=True)


def room_form(room):
    """Return what the page of a room sends when nothing was changed there."""
    flags = ("locked", "by_request", "tells_moderation")
    form = {"name": room.name, "topic": room.topic, "access": "open"}
    form |= {"slow_seconds": room.slow_seconds}
    return form | {name: "on" for name in flags if getattr(room, name)}


def save_room(client, room, members=(), **changes):
    """Submit the page of a room; `members` are the fields of rows. Return the next page.

    A change to None unchecks a box.
    """
    form = room_form(room) | changes
    form = {name: value for name, value in form.items() if value is not None}
    count = len(members)
    form |= {"membership_set-TOTAL_FORMS": count, "membership_set-INITIAL_FORMS": count}
    for number, row in enumerate(members):
        form |= {f"membership_set-{number}-{name}": value for name, value in row.items()}
    return client.post(f"/admin/chat/room/{room.pk}/change/", form, follow=True)
