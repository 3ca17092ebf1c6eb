from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0005_counters"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="presence", name="presence_name_is_unique"),
        migrations.RemoveField(model_name="presence", name="room"),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(
                fields=["key"], name="presence_name_is_claimed_once"
            ),
        ),
    ]
