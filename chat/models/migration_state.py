"""The migrations that a database has, compared with those of this version of the site."""

from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor


def missing(executor: MigrationExecutor) -> list[str]:
    """Return the names of the migrations that are still to be applied, in their order."""
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unknown(executor: MigrationExecutor) -> list[str]:
    """Return the names of applied migrations that this version does not have.

    Those of apps that are not installed are left out: earlier versions may have had the app.
    """
    known = executor.loader.disk_migrations.keys()
    apps = {app for app, _ in known}
    applied = executor.loader.applied_migrations.keys()
    return sorted(f"{app}.{name}" for app, name in applied - known if app in apps)


def describe_unusable(executor: MigrationExecutor) -> str | None:
    """Return a sentence when `migrate` must not touch the database, else None."""
    if later := unknown(executor):
        names = ", ".join(later)
        return f"a newer version has used the database; this one lacks the migrations {names}"
    try:
        executor.loader.check_consistent_history(executor.connection)
    except InconsistentMigrationHistory as error:
        return f"the migrations of the database are out of order: {error}"
    return None
