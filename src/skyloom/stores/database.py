"""Database: one writer whose waiting transactions share a commit, and as many readers as ask.

There is no writer thread: whoever waits for the writer and gets its turn carries out everything that is
waiting, in one commit. That is the same single writer without handing each transaction to another thread
and back, which costs two switches of the interpreter lock a commit.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.crashpoint import crashpoint
from skyloom.stores.clock import Moment
from skyloom.stores.database_problems import BUSY, NO_ROOM, code_of, database_problem
from skyloom.stores.disk_room import DiskRoom

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST_TOGETHER = 64  # transactions in one commit


class Database:
    """Both engines are in driver autocommit: transactions are begun and ended here, in plain words.

    Parameters
    ----------
    writer, reader
        Where connections come from; they may be one engine.
    begin
        The statement that begins a writing transaction.
    moment
        The clock that leases are judged by, asked inside a transaction.
    place
        What a Problem names; never holds a password.
    room
        The disk, where the database is a file of ours.
    """

    def __init__(
        self,
        writer: Engine,
        reader: Engine,
        begin: str,
        moment: Callable[[Connection], Moment],
        place: str,
        room: DiskRoom | None = None,
    ) -> None:
        self.moment = moment
        self.room = room
        self.place = place
        self._writer = writer
        self._reader = reader
        self._begin = begin
        self._turn = threading.Lock()
        self._waiting: deque[_Job[Any]] = deque()
        self._connection: Connection | None = None  # the writer's; touched in its turn only
        self._is_committing = False
        self._idle: deque[Connection] = deque()
        self._is_closed = False

    @property
    def dialect(self) -> str:
        return self._writer.dialect.name

    def write(self, work: Work[T], may_be_lost: bool = False) -> T:
        """Carry out ``work`` as one transaction and give its result once that is durable.

        ``work`` is atomic though others may share its commit, and may be called again when the first try
        left nothing behind, so it does nothing but talk to the database. What ``may_be_lost`` with the
        machine's power, though not with the agent, is not synced where the database is a file of ours.

        Raises
        ------
        ProblemError
            R014 no room, R015 locked, R016 damaged, R019 no answer. What ``work`` raises is raised here.
        """
        job = _Job(work, may_be_lost)
        self._waiting.append(job)
        while not job.is_done:
            with self._turn:
                if not job.is_done:
                    self._serve(self._take())
        return job.outcome()

    def read(self, work: Work[T]) -> T:
        """Carry out ``work``, which only reads. Each of its statements sees one state of the database.

        Raises
        ------
        ProblemError
            As in ``write``.
        """
        try:
            return self._read_once(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise ProblemError(database_problem(error, self.place)) from error
        try:  # the server went away since the last question: ask on a new connection
            return self._read_once(work)
        except DBAPIError as error:
            raise ProblemError(database_problem(error, self.place)) from error

    def close(self) -> None:
        """Give up all connections; readers still at work give theirs up when done."""
        with self._turn:
            self._is_closed = True
            while self._idle:
                self._idle.pop().close()
            if self._connection is not None:
                self._before_close(self._connection)
                self._connection.close()
                self._connection = None
        self._writer.dispose()
        self._reader.dispose()

    def _before_close(self, connection: Connection) -> None:
        """What a kind of database does last."""

    def _sync_commits(self, connection: Connection, is_wanted: bool) -> None:
        """Whether the next commit has to reach the disk; for a kind of database that can tell them apart."""

    def in_turn(self, work: Work[T]) -> T:
        """Carry out ``work`` between two transactions, outside any."""
        with self._turn:
            return work(self._writing())

    # --- readers ----------------------------------------------------------------------------------------

    def _read_once(self, work: Work[T]) -> T:
        connection = self._borrow()
        try:
            result = work(connection)
        except BaseException:
            connection.close()
            raise
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)
        return result

    def _borrow(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            self._refuse_when_closed()
            return self._reader.connect()

    # --- the writer, always in its turn -----------------------------------------------------------------

    def _take(self) -> list[_Job[Any]]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]

    def _serve(self, jobs: list[_Job[Any]]) -> None:
        try:
            self._serve_together(jobs)
        except BaseException as error:  # nobody may be left waiting for an answer
            self._drop_connection()
            for job in jobs:
                job.end(error=error)
            raise

    def _serve_together(self, jobs: list[_Job[Any]]) -> None:
        try:
            self._carry_out(jobs)
        except DBAPIError as error:
            self._roll_back(error)
            if not self._may_try_again(error, len(jobs)):
                problem = database_problem(error, self.place)
                for job in jobs:
                    job.end(error=ProblemError(problem))
                return
            for job in jobs:
                self._serve_alone(job)

    def _serve_alone(self, job: _Job[Any]) -> None:
        try:
            self._carry_out([job])
        except DBAPIError as error:
            self._roll_back(error)
            job.end(error=ProblemError(database_problem(error, self.place)))

    def _carry_out(self, jobs: list[_Job[Any]]) -> None:
        """All jobs in one commit; one that raises is undone alone. DBAPIError: nothing was kept."""
        connection = self._writing()
        self._is_committing = False
        self._sync_commits(connection, not all(job.may_be_lost for job in jobs))
        connection.exec_driver_sql(self._begin)
        crashpoint("records.begun")
        ended = [self._attempt(connection, job, shares=len(jobs) > 1) for job in jobs]
        crashpoint("records.before_commit")
        if len(ended) > 1 or ended[0][1] is None:
            self._is_committing = True
            connection.exec_driver_sql("COMMIT")
            self._is_committing = False
        crashpoint("records.after_commit")
        for job, (value, error) in zip(jobs, ended):
            job.end(value, error)

    def _attempt(self, connection: Connection, job: _Job[Any], shares: bool) -> tuple[Any, Exception | None]:
        if shares:
            connection.exec_driver_sql("SAVEPOINT job")
        try:
            value = job.work(connection)
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                raise
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job" if shares else "ROLLBACK")
            return None, error
        if shares:
            connection.exec_driver_sql("RELEASE SAVEPOINT job")
        return value, None

    def _writing(self) -> Connection:
        self._refuse_when_closed()
        if self._connection is None:
            self._connection = self._writer.connect()
        return self._connection

    def _roll_back(self, error: DBAPIError) -> None:
        try:
            if self._connection is not None and not error.connection_invalidated:
                self._connection.exec_driver_sql("ROLLBACK")
                return
        except DBAPIError:
            pass  # some errors end the transaction themselves; a new connection is sure to have none
        self._drop_connection()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _may_try_again(self, error: DBAPIError, together: int) -> bool:
        code = code_of(error)
        if code == NO_ROOM:
            return self.room is not None and self.room.drop_ballast()
        if error.connection_invalidated:
            return not self._is_committing  # a commit whose answer was lost may have been carried out
        # two agents that each committed for several runs may have met the other way round
        return code == BUSY and together > 1 and self.dialect != "sqlite"

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise ProblemError(
                Problem("R019", "The database of the workspace is closed.", self.place, "Open it again.")
            )


class _Job(Generic[T]):
    """One transaction that somebody waits for."""

    def __init__(self, work: Work[T], may_be_lost: bool) -> None:
        self.work = work
        self.may_be_lost = may_be_lost
        self.is_done = False
        self._value: Any = None
        self._error: BaseException | None = None

    def end(self, value: T | None = None, error: BaseException | None = None) -> None:
        self._value, self._error = value, error
        self.is_done = True

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[no-any-return]
