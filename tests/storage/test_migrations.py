"""Older workspaces are brought up to date after a backup, newer ones refused.

`fixtures/schema-0001.sql` is a workspace as the first schema had it, made by `samples.populate`, and so on. None is
ever made anew: each later schema adds a file of its own, and all of them must open.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from emrassess.errors import UserError
from emrassess.storage import backups, migrating, opening
from emrassess.storage.changes import inverse
from emrassess.storage.database import create_database
from emrassess.storage.tables import SCHEMA
from emrassess.storage.workspace import Workspace
from tests.storage.samples import PACK_FILES, answer, new_workspace, populate

FIXTURES = Path(__file__).parent / "fixtures"

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "{revision:04d}"
down_revision = "{before:04d}"

def upgrade():
    op.add_column("answers", sa.Column("owner", sa.String(), nullable=False, server_default="张三"))
    op.execute("INSERT INTO settings VALUES ('migrated', 'true')")
    {then}
"""


def next_migration(then: str = "") -> str:
    """The migration of a later program, which ends with the statement `then`."""
    return NEXT.format(revision=SCHEMA + 1, before=SCHEMA, then=then)


def from_dump(dump: Path, folder: Path) -> Path:
    """A workspace folder with the database of `dump`."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    return folder


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of one schema later: its migrations' folder, where a test puts one more."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrating.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(opening, "SCHEMA", SCHEMA + 1)
    monkeypatch.setattr(migrating.migrate, "__defaults__", (scripts,))
    return scripts / "versions" / "next.py"


@pytest.mark.parametrize("dump", sorted(FIXTURES.glob("schema-*.sql")), ids=lambda file: file.stem)
def test_every_released_schema_opens(dump: Path, folder: Path, tmp_path: Path) -> None:
    schema = int(dump.stem[-4:])
    fresh = new_workspace(tmp_path / "fresh")
    populate(fresh, schema)
    opened = opening.open_(from_dump(dump, folder), user="x")
    assert opened.assessment == fresh.assessment
    assert opened.audit() == fresh.audit()
    assert opened.pack_files() == (PACK_FILES if schema >= 2 else {})
    assert opened.snapshots() == fresh.snapshots() and len(opened.snapshots()) == (schema - 1 if schema >= 3 else 0)
    for info in opened.snapshots():
        assert opened.snapshot(info.number) == fresh.snapshot(info.number)
    before = opened.assessment
    steps = [entry.changes for entry in opened.audit()][:-1]
    for step in steps:
        opened.apply("撤销", inverse(step))
    assert not opened.assessment.evidence and not opened.assessment.answers
    for step in reversed(steps):
        opened.apply("重做", step)
    assert opened.assessment == before
    answer(opened, "01.01.4(3)")
    opened.close()
    fresh.close()


def test_migrations_and_tables_say_the_same(tmp_path: Path) -> None:
    create_database(tmp_path / "made.sqlite3")
    made = create_engine(f"sqlite:///{tmp_path / 'made.sqlite3'}")
    migrated = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    migrating.migrate(migrated)
    try:
        for name in (tables := sorted(inspect(made).get_table_names())):
            for part in ("get_columns", "get_pk_constraint", "get_foreign_keys", "get_indexes"):
                one, other = (getattr(inspect(engine), part)(name) for engine in (made, migrated))
                assert str(one) == str(other), (name, part)
        assert sorted(inspect(migrated).get_table_names()) == tables
        extra = "SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        version = "SELECT version_num FROM alembic_version"
        for query in (extra, version):
            one, other = (engine.connect().exec_driver_sql(query).fetchall() for engine in (made, migrated))
            assert list(one) == list(other)
    finally:
        made.dispose()
        migrated.dispose()


def test_an_older_schema_is_migrated_after_a_backup(folder: Path, newer: Path) -> None:
    newer.write_text(next_migration(), encoding="utf-8")
    from_dump(FIXTURES / "schema-0001.sql", folder)
    with pytest.raises(UserError, match="较早版本"):
        opening.open_(folder, user="x", write=False)
    opened = opening.open_(folder, user="x")
    assert opened.assessment.answers
    opened.close()
    (backup,) = (folder / "backups").iterdir()
    assert backup.stem.endswith("-before-migration")
    for file, columns in ((backup, 4), (folder / "workspace.sqlite3", 5)):
        with closing(sqlite3.connect(file)) as connection:
            assert len(connection.execute("PRAGMA table_info(answers)").fetchall()) == columns
    opening.open_(folder, user="x").close()
    assert sum("before" in f.name for f in (folder / "backups").iterdir()) == 1


def test_a_migration_that_fails_changes_nothing(folder: Path, newer: Path) -> None:
    newer.write_text(next_migration("op.execute('SELECT * FROM nowhere')"), encoding="utf-8")
    from_dump(FIXTURES / "schema-0001.sql", folder)
    with pytest.raises(UserError):
        opening.open_(folder, user="x")
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        assert len(connection.execute("PRAGMA table_info(answers)").fetchall()) == 4
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    newer.write_text(next_migration(), encoding="utf-8")
    opening.open_(folder, user="x").close()


def test_without_a_backup_there_is_no_migration(folder: Path, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer.write_text(next_migration(), encoding="utf-8")
    from_dump(FIXTURES / "schema-0001.sql", folder)
    (folder / "backups").write_text("a file where the folder should be")
    with pytest.raises(UserError):
        opening.open_(folder, user="x")
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


@pytest.mark.parametrize("write", [True, False])
def test_a_newer_schema_is_refused_and_left_alone(workspace: Workspace, folder: Path, write: bool) -> None:
    workspace.close()
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.commit()
    before = (folder / "workspace.sqlite3").read_bytes()
    with pytest.raises(UserError, match="更新版本的程序") as caught:
        opening.open_(folder, user="x", write=write)
    assert "99" in caught.value.message and "没有改动" in caught.value.hint
    assert (folder / "workspace.sqlite3").read_bytes() == before


def test_alembic_is_loaded_only_where_it_is_needed(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    code = (
        "import sys; from pathlib import Path; from emrassess.storage import opening; "
        "opening.open_(Path(sys.argv[1]), user='x').close(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)


def test_a_backup_is_one_file_that_opens(workspace: Workspace, folder: Path) -> None:
    populate(workspace)
    copy = backups.back_up(folder / "workspace.sqlite3", workspace.clock(), "test")
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM audit").fetchone()[0] == len(workspace.audit())
