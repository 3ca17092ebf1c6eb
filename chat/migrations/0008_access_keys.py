import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0007_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created", models.DateTimeField()),
                ("last_used", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="securityevent",
            name="kind",
            field=models.CharField(
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
                    ("key_created", "Access key created"),
                    ("key_revoked", "Access key revoked"),
                    ("rights_changed", "Rights changed"),
                    ("origin_refused", "Origin refused"),
                    ("form_refused", "Form refused"),
                    ("disconnected", "Disconnected"),
                    ("staff_action", "Staff action"),
                ],
                max_length=20,
            ),
        ),
    ]
