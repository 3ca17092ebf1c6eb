from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="address",
            field=models.CharField(blank=True, max_length=45),
        ),
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("sign_in_failed", "Sign in failed"),
                            ("signed_out", "Signed out"),
                            ("throttled", "Throttled"),
                            ("signed_up", "Signed up"),
                            ("account_created", "Account created"),
                            ("account_deleted", "Account deleted"),
                            ("password_changed", "Password changed"),
                            ("reset_requested", "Reset requested"),
                            ("password_reset", "Password reset"),
                            ("email_changed", "Email changed"),
                            ("rights_changed", "Rights changed"),
                            ("origin_refused", "Origin refused"),
                            ("form_refused", "Form refused"),
                            ("disconnected", "Disconnected"),
                            ("staff_action", "Staff action"),
                        ],
                        max_length=20,
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=1)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("network", models.CharField(blank=True, max_length=49)),
                ("account", models.CharField(blank=True, max_length=30)),
                ("account_key", models.CharField(blank=True, max_length=400)),
                ("user_id", models.BigIntegerField(blank=True, null=True)),
                ("by", models.CharField(blank=True, max_length=30)),
                ("user_agent", models.CharField(blank=True, max_length=200)),
                ("detail", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "permissions": [("view_addresses", "Can view network addresses and user agents")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["at"], name="event_at"),
                    models.Index(fields=["kind", "id"], name="event_kind_newest"),
                    models.Index(fields=["account_key", "id"], name="event_account_newest"),
                    models.Index(fields=["network", "id"], name="event_network_newest"),
                    models.Index(fields=["by", "id"], name="event_by_newest"),
                ],
            },
        ),
    ]
