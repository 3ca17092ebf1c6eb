"""The group of site moderators, further actions in the log of moderation, and an index."""

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
                    ("remove", "remove a message"),
                    ("restore", "restore a message"),
                    ("purge", "remove all messages"),
                    ("unpurge", "restore all messages"),
                    ("slow", "slow mode"),
                    ("lock", "lock a room"),
                    ("unlock", "unlock a room"),
                    ("rules", "change of a room"),
                    ("role", "change of a role"),
                    ("report", "Report"),
                    ("handle", "handle a report"),
                    ("dismiss", "dismiss a report"),
                    ("release", "release a message"),
                    ("refuse", "refuse a message"),
                    ("invite", "create an invitation"),
                    ("revoke", "revoke an invitation"),
                    ("approve", "approve an account"),
                    ("reject", "reject an account"),
                    ("admit", "let into a room"),
                    ("decline", "not let into a room"),
                    ("disconnect", "Disconnect"),
                    ("deactivate", "deactivate an account"),
                    ("activate", "activate an account"),
                    ("delete", "delete an account"),
                    ("look", "look into private rooms"),
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
        migrations.RunPython(create_group, migrations.RunPython.noop),
    ]
