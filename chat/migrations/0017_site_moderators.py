"""The group of site moderators, further actions in the log of moderation, and two indexes."""

from django.db import migrations, models

GROUP = "Site moderators"
# The permissions of the group, by the model and the code name; `migrate` creates them otherwise
# only after all migrations.
PERMISSIONS = [
    ("sanction", "moderate", "Can moderate the whole site"),
    ("securityevent", "view_addresses", "Can view network addresses and user agents"),
]


def create_group(apps, schema_editor):
    """Create the group, unless the site has one with this name already."""
    group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    if is_new:
        group.permissions.set([permission(apps, *names) for names in PERMISSIONS])


def permission(apps, model, code, name):
    """Return a permission of the app, which is created if it is not there."""
    types = apps.get_model("contenttypes", "ContentType").objects
    content_type, _ = types.get_or_create(app_label="chat", model=model)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=code, defaults={"name": name}
    )
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("chat", "0016_moderation"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="seenaddress", options={"verbose_name_plural": "seen addresses"}
        ),
        migrations.AlterField(
            model_name="moderationentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("mute", "Mute"),
                    ("unmute", "Unmute"),
                    ("kick", "Kick"),
                    ("unkick", "Unkick"),
                    ("ban", "Ban"),
                    ("unban", "Unban"),
                    ("remove", "Remove a message"),
                    ("restore", "Restore a message"),
                    ("purge", "Remove all messages"),
                    ("unpurge", "Restore all messages"),
                    ("slow", "Slow mode"),
                    ("lock", "Lock a room"),
                    ("unlock", "Unlock a room"),
                    ("rules", "Change of a room"),
                    ("role", "Change of a role"),
                    ("report", "Report"),
                    ("handle", "Handle a report"),
                    ("dismiss", "Dismiss a report"),
                    ("release", "Release a message"),
                    ("refuse", "Refuse a message"),
                    ("invite", "Create an invitation"),
                    ("revoke", "Revoke an invitation"),
                    ("approve", "Approve an account"),
                    ("reject", "Reject an account"),
                    ("admit", "Let into a room"),
                    ("decline", "Not let into a room"),
                    ("disconnect", "Disconnect"),
                    ("deactivate", "Deactivate an account"),
                    ("activate", "Activate an account"),
                    ("delete", "Delete an account"),
                    ("look", "Look into private rooms"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="sanction",
            index=models.Index(
                condition=models.Q(("lifted__isnull", False)),
                fields=["lifted"],
                name="sanction_lifted",
            ),
        ),
        migrations.AddIndex(
            model_name="heldmessage",
            index=models.Index(
                condition=models.Q(("decided__isnull", False)),
                fields=["decided"],
                name="held_decided",
            ),
        ),
        migrations.RunPython(create_group, migrations.RunPython.noop),
    ]
