"""Rooms get an address, a kind and members. The room that exists becomes the lobby."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

import chat.models.room
from chat.names.keys import MAX_KEY, key_of

BATCH = 5_000  # rows in an INSERT


def give_addresses(apps, schema_editor):
    """Let the first room be the lobby; give each other room an address.

    A room whose name looks like that of an earlier one gets no key.
    """
    database = schema_editor.connection.alias
    rooms = apps.get_model("chat", "Room").objects.using(database)
    keys = set()
    for number, (pk, name) in enumerate(rooms.order_by("pk").values_list("pk", "name")):
        if number == 0:
            rooms.filter(pk=pk).update(slug="lobby", guests_allowed=True)
        else:
            rooms.filter(pk=pk).update(slug=chat.models.room.random_slug())
        if (key := key_of(name)) not in keys:
            rooms.filter(pk=pk).update(key=key)
            keys.add(key)


def add_members(apps, schema_editor):
    """Make every account a member of the lobby. Earlier messages count as read."""
    database = schema_editor.connection.alias
    lobby = apps.get_model("chat", "Room").objects.using(database).order_by("pk").first()
    if lobby is None:
        return
    Membership = apps.get_model("chat", "Membership")
    now = timezone.now()
    accounts = apps.get_model("chat", "User").objects.using(database).order_by("pk")
    Membership.objects.using(database).bulk_create(
        (
            Membership(room_id=lobby.pk, user_id=pk, read_seq=lobby.last_seq, since=now)
            for pk in accounts.values_list("pk", flat=True).iterator()
        ),
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0006_claims"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("said", "Said"),
                    ("entered", "Entered"),
                    ("left", "Left"),
                    ("removed", "Removed"),
                    ("notice", "Notice"),
                    ("created", "Created"),
                    ("joined", "Joined"),
                    ("parted", "Parted"),
                    ("role", "Role"),
                    ("topic", "Topic"),
                    ("renamed", "Renamed"),
                    ("access", "Access"),
                    ("archived", "Archived"),
                    ("reopened", "Reopened"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="room",
            name="name",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="room",
            name="kind",
            field=models.CharField(
                choices=[("open", "Open"), ("private", "Private"), ("direct", "Direct")],
                default="open",
                editable=False,
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="room", name="topic", field=models.CharField(blank=True, max_length=250)
        ),
        migrations.AddField(
            model_name="room", name="guests_allowed", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="room", name="archived", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="room",
            name="key",
            field=models.CharField(editable=False, max_length=MAX_KEY, null=True),
        ),
        migrations.AddField(
            model_name="room",
            name="people_key",
            field=models.CharField(editable=False, max_length=200, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="room",
            name="slug",
            field=models.CharField(editable=False, max_length=32, null=True),
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("moderator", "Moderator"),
                            ("owner", "Owner"),
                        ],
                        default="member",
                        max_length=9,
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("all", "All"), ("mentions", "Mentions"), ("nothing", "Nothing")],
                        default="all",
                        max_length=8,
                    ),
                ),
                ("read_seq", models.PositiveBigIntegerField(default=0)),
                ("read_at", models.DateTimeField(editable=False, null=True)),
                ("since", models.DateTimeField()),
                ("hidden", models.BooleanField(default=False)),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="chat.room",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "presence",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="chat.presence",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="chat.room"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveBigIntegerField()),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="chat.room",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(
                fields=["user", "room", "seq"], name="mention_is_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["room", "seq"], name="mention_by_message"),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["user", "id"], name="mention_newest"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=Q(read_at__isnull=False), fields=["read_at"], name="membership_read_at"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=["room", "user"], name="membership_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=["presence", "room"], name="visit_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(
                condition=Q(kind="open"), fields=["key"], name="room_open_name_is_unique"
            ),
        ),
        migrations.RunPython(give_addresses, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="room",
            name="slug",
            field=models.CharField(
                default=chat.models.room.random_slug, editable=False, max_length=32, unique=True
            ),
        ),
        # The rows come last: PostgreSQL alters no table while it has to check their foreign keys.
        migrations.RunPython(add_members, migrations.RunPython.noop),
    ]
