from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0013_ignored"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="favourite",
            field=models.BooleanField(default=False),
        ),
    ]
