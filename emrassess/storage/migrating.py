"""Bring an older workspace up to the schema of this program.

Imported only where one is older: Alembic is slow to load.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, scripts: Path = SCRIPTS) -> None:
    """Run the migrations still missing, all in one transaction: a kill in the middle leaves the old schema."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
