"""The index of the search. Running servers fill it in the background."""

import django.db.models.deletion
from django.db import migrations, models

import chat.models.search_index
from chat.models.search_index import WORDS_TABLE

ENTRIES = "chat_indexedmessage"
ADD = f"INSERT INTO {WORDS_TABLE} (rowid, terms) VALUES (new.message_id, new.terms);"
# FTS5 must be told the old words to forget them.
FORGET = (
    f"INSERT INTO {WORDS_TABLE} ({WORDS_TABLE}, rowid, terms)"
    " VALUES ('delete', old.message_id, old.terms);"
)
TRIGGERS = {"insert": ADD, "delete": FORGET, "update": f"{FORGET} {ADD}"}
# The plan of a search depends on how often each word occurs. With few of them known, a rare word
# is taken for a common one, and the newest messages are read one by one until enough are found.
POSTGRESQL = (
    f"ALTER TABLE {ENTRIES} ALTER COLUMN terms SET STATISTICS 1000",
    f"CREATE INDEX indexed_terms ON {ENTRIES} USING gin (terms)",
)


def create_words(apps, schema_editor):
    """Create what finds the rows by their words: SQLite's FTS5, or an index of PostgreSQL."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)
        return
    schema_editor.execute(
        f"CREATE VIRTUAL TABLE {WORDS_TABLE} USING fts5(terms, content='{ENTRIES}',"
        " content_rowid='message_id', tokenize='ascii', columnsize=0)"
    )
    for event, statements in TRIGGERS.items():
        schema_editor.execute(
            f"CREATE TRIGGER {WORDS_TABLE}_{event} AFTER {event} ON {ENTRIES}"
            f" BEGIN {statements} END"
        )


def remove_words(apps, schema_editor):
    """Remove it again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX indexed_terms")
        return
    for event in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {WORDS_TABLE}_{event}")
    schema_editor.execute(f"DROP TABLE {WORDS_TABLE}")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0009_message_content"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndexedMessage",
            fields=[
                ("message_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("terms", chat.models.search_index.TermsField()),
                (
                    "room",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="chat.room",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IndexCursor",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("seq", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name="indexedmessage",
            index=models.Index(fields=["room", "message_id"], name="indexed_by_room"),
        ),
        migrations.RunPython(create_words, remove_words),
    ]
