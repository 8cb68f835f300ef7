"""Dagster's events over connections that are kept, and each event in one transaction.

Belongs here: what holds for every database, and how the one of SQLite is opened; PostgreSQL, whose
library is an extra, has `postgres_storage`. Not here: what is stored (Dagster), or pruned (`runs`).
Dagster opens and closes a connection for each of the thousands of statements of a run, which takes
more of a processor's time than the statements, and waits for the disk after each of them.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property

from dagster import EventLogEntry
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage, SqlEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listens_for

_BUSY_SECONDS = 60  # waited for another process that writes


class PooledEvents(SqlEventLogStorage):
    """What stands before Dagster's own storage of one database, which says how it is opened."""

    def _open(self) -> AbstractContextManager[Connection]:
        """Return a connection of the pool."""
        raise NotImplementedError

    def _begin(self) -> AbstractContextManager[Connection]:
        """Return one in a transaction, of which a power cut may lose the last."""
        raise NotImplementedError

    @cached_property
    def _of_thread(self) -> threading.local:
        return threading.local()

    @cached_property
    def _found(self) -> set[str]:
        return set()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        connection: Connection | None = getattr(self._of_thread, "writing", None)
        if connection:
            yield connection
        else:
            with self._open() as connection:
                yield connection

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event and what follows from it in one transaction instead of up to four."""
        with self._begin() as connection:
            self._of_thread.writing = connection
            try:
                super().store_event(event)
            finally:
                self._of_thread.writing = None

    def has_table(self, table_name: str) -> bool:
        """Whether there is a table; one that was found stays."""
        if table_name not in self._found and super().has_table(table_name):  # type: ignore[safe-super]
            self._found.add(table_name)
        return table_name in self._found

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """Whether the table of assets has a column; one that was found stays."""
        found = f"asset_keys.{column_name}"
        if found not in self._found and super()._has_asset_key_col_on_connection(conn, column_name):
            self._found.add(found)
        return found in self._found


class PooledSqliteEventLogStorage(PooledEvents, ConsolidatedSqliteEventLogStorage):
    """One database for all runs; `dagster_settings/sqlite.yaml` names it."""

    @cached_property
    def _engine(self) -> Engine:
        # Each thread of the webserver may hold one.
        timeout = {"timeout": _BUSY_SECONDS}
        engine = create_engine(self._conn_string, max_overflow=-1, connect_args=timeout)

        @listens_for(engine, "connect")
        def write_without_waiting(connection: sqlite3.Connection, _: object) -> None:
            # A process that is killed loses nothing. A power cut may lose the last events, of a
            # run that it has ended anyway, and leaves the file whole: its journal is a log (WAL).
            connection.execute("pragma synchronous = normal")

        return engine

    def _open(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    _begin = _open

    def dispose(self) -> None:
        """Close what was kept open."""
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
