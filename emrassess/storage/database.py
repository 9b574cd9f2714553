"""The SQLite file: connections as the workspace needs them, its creation, its version."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import StaticPool

from emrassess.storage.tables import SCHEMA, TRIGGERS, metadata

FILE_NAME = "workspace.sqlite3"
BUSY_SECONDS = 5.0


def engine_for(file: Path, *, write: bool) -> Engine:
    """An engine of one connection to `file`, which must exist; without `write` the file is never changed.

    The connection may be used from any thread, one at a time: the workspace sees to that.
    """
    mode = "rw" if write else "ro"

    def connect() -> sqlite3.Connection:
        uri = f"{uri_of(file)}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if write:
                # Where a drive cannot do WAL, SQLite stays with its rollback journal, which is as safe.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver is in autocommit; a writer asks for its lock at once, so that it cannot fail half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def uri_of(file: Path) -> str:
    """`file` as SQLite wants it in a URI, to which parameters are added."""
    path = file.resolve().as_posix()
    # A drive letter or a share needs the third slash: file:///C:/…, file:////server/share/…
    return "file://" + quote(path if path.startswith("/") else f"/{path}")


def create_database(file: Path) -> None:
    """Make the empty tables in a new `file`."""
    file.touch(exist_ok=False)
    engine = engine_for(file, write=True)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            for trigger in TRIGGERS:
                connection.execute(text(trigger))
            # As Alembic would make it, without the time it takes to import.
            columns = "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
            connection.execute(text(f"CREATE TABLE alembic_version ({columns})"))
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{SCHEMA:04d}')"))
    finally:
        engine.dispose()


def schema_version(connection: Connection) -> int | None:
    """The number of the last migration the file has seen; None where it is no workspace of ours."""
    names = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    if not {"alembic_version", "settings"} <= names:
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return int(version) if version is not None and str(version).isdigit() else None


def healthy(connection: Connection) -> bool:
    """Whether SQLite finds the file's pages in order."""
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
