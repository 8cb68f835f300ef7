"""Dagster's runs, events and schedules in PostgreSQL, over connections that are kept.

Belongs here: how that database is opened. Not here: what is so in every database (`event_storage`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from dagster import StringSource
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage
from dagster_postgres.utils import create_pg_connection
from sqlalchemy import Connection, create_engine, text

from orchestration.defs.event_storage import PooledEvents


class _Events(PooledEvents, PostgresEventLogStorage):
    def _open(self) -> AbstractContextManager[Connection]:
        return create_pg_connection(self._engine)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._open() as connection:
            connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                # As for SQLite: nobody waits for the disk after each event.
                connection.execute(text("set local synchronous_commit = off"))
                yield connection


class PooledPostgresStorage(DagsterPostgresStorage):
    """Dagster's own, with a pool of connections; `dagster_settings/postgres.yaml` names it.

    A process keeps one connection, and asks before each use whether the server still answers it.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Make the tables where there are none, and open the pool."""
        super().__init__(postgres_url, inst_data=inst_data)
        self._event_log_storage = _Events(postgres_url)
        engine = create_engine(
            postgres_url,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            max_overflow=-1,  # each thread of the webserver may need one
            pool_pre_ping=True,
        )
        for storage in (self._event_log_storage, self._run_storage, self._schedule_storage):
            storage._engine = engine

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return the settings that it takes."""
        return {"postgres_url": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """Make it from those settings."""
        return cls(config_value["postgres_url"], inst_data)
