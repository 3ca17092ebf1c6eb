"""Compute the keys of names by the present rules, which know more characters that look alike."""

import sys

from django.db import migrations, models

from chat.names import key_of


def compute_keys(apps, schema_editor):
    """Give each account and each person in a room the key that the present rules make.

    Two names may have the same key now. Then the newer one keeps the key that it had.
    """
    database = schema_editor.connection.alias
    users = apps.get_model("chat", "User").objects.using(database)
    people = apps.get_model("chat", "Presence").objects.using(database)

    rows = users.order_by("date_joined", "pk").values_list("pk", "username", "key")
    accounts = [(pk, name, key, key_of(name)) for pk, name, key in rows]
    account_keys = store_keys(users, accounts, "account")

    for room in people.order_by("room").values_list("room", flat=True).distinct():
        rows = people.filter(room=room).order_by("entered", "pk")
        rows = rows.values_list("pk", "name", "key", "user")
        present = [
            (pk, name, key, account_keys.get(user) or key_of(name)) for pk, name, key, user in rows
        ]
        store_keys(people, present, "person in a room")


def store_keys(queryset, rows, kind):
    """Store the new keys of rows, and return {id: key}.

    Each row is its id, its name, its old and its new key; the oldest row comes first.
    """
    keys = choose_keys([(pk, old, new) for pk, _, old, new in rows])
    changed = [pk for pk, _, old, _ in rows if keys[pk] != old]
    # A new key may be the old key of another row, so these rows give up their old keys first. No
    # key contains an i, because it looks like an l.
    for pk in changed:
        queryset.filter(pk=pk).update(key=f"in migration {pk}")
    for pk in changed:
        queryset.filter(pk=pk).update(key=keys[pk])
    names = {keys[pk]: (pk, name) for pk, name, _, _ in rows}
    for pk, name, _, new in rows:
        if keys[pk] != new:
            report(kind, pk, name, *names[new])
    return keys


def choose_keys(rows):
    """Return {id: key} for (id, old key, new key) of rows, the oldest first. No key occurs twice.

    A row that keeps its old key may take the new key of another row, which then keeps its own. The
    old keys are all different, so this comes to an end.
    """
    keeping = set()
    while True:
        owners = {old: pk for pk, old, _ in rows if pk in keeping}
        for pk, _, new in rows:
            if pk not in keeping:
                owners.setdefault(new, pk)
        too_late = {pk for pk, _, new in rows if pk not in keeping and owners[new] != pk}
        if not too_late:
            return {pk: key for key, pk in owners.items()}
        keeping |= too_late


def report(kind, pk, name, other_pk, other_name):
    """Print that two names look the same."""
    text = (
        f"\n  The {kind} “{name}” (id {pk}) looks like “{other_name}” (id {other_pk}), "
        "and keeps the key that it had."
    )
    # The terminal may not be able to show the names, which must not stop the migration.
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_indexes")]

    operations = [
        migrations.RunPython(compute_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="room",
            name="revision",
            field=models.PositiveBigIntegerField(
                default=0,
                editable=False,
                help_text=(
                    "Counts changes of existing lines, such as those of a deleted account. "
                    "Processes that keep lines in memory then read them again."
                ),
            ),
        ),
    ]
