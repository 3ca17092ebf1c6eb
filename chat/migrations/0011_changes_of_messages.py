import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0010_search_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="joined",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("said", "Said"),
                    ("entered", "Entered"),
                    ("left", "Left"),
                    ("removed", "Removed"),
                    ("edited", "Edited"),
                    ("restored", "Restored"),
                    ("reacted", "Reacted"),
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
        migrations.CreateModel(
            name="MessageVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveBigIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("spans", models.JSONField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="chat.room",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("room", "seq", "number"), name="message_version_is_unique"
                    )
                ],
            },
        ),
    ]
