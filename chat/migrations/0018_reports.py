"""The presence of a guest who reports somebody, and an index for deleting old reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0017_site_moderators"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="reporter_presence",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("decided__isnull", False)),
                fields=["decided"],
                name="report_decided",
            ),
        ),
    ]
