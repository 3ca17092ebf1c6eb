import django.db.models.deletion
from django.db import migrations, models


def drop_index_of_room(apps, schema_editor):
    """`AlterField` would copy the whole log on SQLite, which takes minutes for millions of rows."""
    message = apps.get_model("chat", "Message")
    for name in schema_editor._constraint_names(message, ["room_id"], index=True, unique=False):
        schema_editor.execute(schema_editor._delete_index_sql(message, name))


def make_index_of_room(apps, schema_editor):
    message = apps.get_model("chat", "Message")
    room = message._meta.get_field("room")
    schema_editor.execute(schema_editor._create_index_sql(message, fields=[room]))


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="message", name="message_is_said_once"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_index_of_room, make_index_of_room)],
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="room",
                    field=models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="chat.room"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id__isnull", False)),
                fields=("room", "client_id", "author"),
                name="message_is_said_once",
            ),
        ),
    ]
