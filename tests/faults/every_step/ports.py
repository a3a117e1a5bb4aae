"""The counting layer: every call to database, bus, bucket, mail, files and programs goes by it.

Counted are the statements of the product's `.sql` files and the ends of transactions; not the
opening of a connection or what a driver asks for itself, which change nothing outside. Files are
counted below the folders that the flow names. The real call is made below each one.
"""

import asyncio
import builtins
import errno
import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import aiokafka
import aiosmtplib
import asyncpg
import urllib3
from aiokafka.errors import KafkaConnectionError, RequestTimedOutError
from asyncpg.protocol.protocol import Protocol

from deploy.native.stack import CHECKOUT
from libs.events.queries import load_queries
from tests.faults.every_step.calls import Befallen, Calls, Kind

Failing = Callable[..., BaseException]
Naming = Callable[..., str | None]
BOUNDARY = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|ROLLBACK TO)\b")
BY_PATH = ("link", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")
BY_HANDLE = ("write", "pwrite", "fsync", "ftruncate")
FRESH_CLUSTER, MIDWAY = "data.fresh", "pg_control"
READS = ("start", "beginning_offsets", "end_offsets", "commit")


def install(calls: Calls, folders: Iterable[Path]) -> None:
    """Put the counting layer under everything that this process does from here on."""
    _Ports(calls, tuple(map(str, folders))).install()


class _Ports:
    def __init__(self, calls: Calls, folders: tuple[str, ...]) -> None:
        self._calls, self._folders = calls, folders
        self._statements = statements()

    def install(self) -> None:
        self._database()
        self._bus()
        self._wrap_async(aiosmtplib.SMTP, "send_message", lambda *_, **__: "mail", _mail_failure)
        self._wrap(urllib3.PoolManager, "urlopen", _name_of_request, _bucket_failure)
        self._files()
        self._programs()

    def _database(self) -> None:
        for method in ("query", "bind_execute", "bind_execute_many", "copy_out"):
            self._wrap_async(Protocol, method, self._name_of_statement, _database_failure)

    def _name_of_statement(self, _: Any, *values: Any, **options: Any) -> str | None:
        statement = values[0] if values else options["state"]
        text = (statement if isinstance(statement, str) else statement.query).strip().rstrip(";")
        boundary = BOUNDARY.match(text)
        if text.startswith("COPY "):
            return "COPY"
        return boundary[1] if boundary else self._statements.get(text)

    def _bus(self) -> None:
        producer, consumer = aiokafka.AIOKafkaProducer, aiokafka.AIOKafkaConsumer
        self._open_wrap(producer, "start", "producer start")
        for method in READS:
            self._open_wrap(consumer, method, f"consumer {method}")
        _replace(producer, "send_batch", self._send(producer.send_batch))
        _replace(consumer, "getmany", self._fetch(consumer.getmany))

    def _send(self, real: Any) -> Any:
        """Sending is done when Kafka has acknowledged it; the caller gets its answer then.

        Shape: one that fails is refused at once; one that fails after it was done is answered so.
        """

        @wraps(real)
        async def send(*values: Any, **options: Any) -> Any:
            if not self._calls.counts():
                return await real(*values, **options)
            number = self._begin_on_bus("send")
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            sent = await (await real(*values, **options))
            try:
                self._calls.end(number, "send")
                answer.set_result(sent)
            except Befallen as befallen:
                answer.set_exception(_bus_failure(befallen))
            return answer

        return send

    def _begin_on_bus(self, name: str) -> int:
        """The number of a call, which may fail at once."""
        try:
            return self._calls.begin(name)
        except Befallen as befallen:
            raise _bus_failure(befallen) from None

    def _fetch(self, real: Any) -> Any:
        """A fetch counts when it brings something; one that fails brings it the next time."""

        @wraps(real)
        async def getmany(*values: Any, **options: Any) -> Any:
            found = await real(*values, **options)
            if found and self._calls.counts():
                try:
                    self._calls.end(self._calls.begin("fetch"), "fetch")
                except Befallen:
                    return found
            return found

        return getmany

    def _files(self) -> None:
        for name in (*BY_PATH, *BY_HANDLE):
            self._wrap(os, name, self._namer(name), _file_failure)
        self._wrap(shutil, "copyfile", self._namer("copy", at=1), _file_failure)
        self._wrap(shutil, "rmtree", self._namer("rmtree"), _file_failure)
        self._wrap(os, "sync", lambda: "sync", _file_failure)
        for module in (io, builtins):
            self._wrap(module, "open", self._name_of_writing, _file_failure)

    def _namer(self, act: str, *, at: int = 0) -> Naming:
        return lambda *values, **_: self._name_of_file(act, values[at])

    def _name_of_writing(self, path: Any, mode: str = "r", *_: Any, **__: Any) -> str | None:
        return self._name_of_file("open to write", path) if set(mode) & set("wax+") else None

    def _name_of_file(self, act: str, path: Any) -> str | None:
        place = Path(f"/proc/self/fd/{path}" if isinstance(path, int) else path)
        place = place.readlink() if isinstance(path, int) else place.absolute()
        if not str(place).startswith(self._folders) or _is_inside_a_copy(place):
            return None
        return f"{act} {re.sub('[0-9]+', '#', place.name)}"

    def _programs(self) -> None:
        self._wrap(subprocess.Popen, "__init__", _name_of_program, _program_failure)
        self._wrap_async(
            asyncio, "create_subprocess_exec", lambda *words, **_: _program(words), _program_failure
        )

    def _wrap(self, place: Any, name: str, naming: Naming, failing: Failing) -> None:
        real = getattr(place, name)

        @wraps(real)
        def counted(*values: Any, **options: Any) -> Any:
            called = naming(*values, **options) if self._calls.counts() else None
            if called is None:
                return real(*values, **options)
            try:
                number = self._calls.begin(called)
                try:
                    with self._calls.uncounted():
                        answer = real(*values, **options)
                finally:
                    self._calls.end(number, called)
            except Befallen as befallen:
                raise failing(befallen, *values) from None
            return answer

        _replace(place, name, counted)

    def _wrap_async(self, place: Any, name: str, naming: Naming, failing: Failing) -> None:
        real = getattr(place, name)

        @wraps(real)
        async def counted(*values: Any, **options: Any) -> Any:
            called = naming(*values, **options) if self._calls.counts() else None
            if called is None:
                return await real(*values, **options)
            try:
                number = self._calls.begin(called)
                try:
                    with self._calls.uncounted():
                        answer = await real(*values, **options)
                finally:
                    self._calls.end(number, called)
            except Befallen as befallen:
                raise failing(befallen, *values) from None
            return answer

        _replace(place, name, counted)

    def _open_wrap(self, place: Any, method: str, called: str) -> None:
        """Count a call whose background tasks make calls of their own."""
        real = getattr(place, method)

        @wraps(real)
        async def counted(*values: Any, **options: Any) -> Any:
            if not self._calls.counts():
                return await real(*values, **options)
            number = self._begin_on_bus(called)
            answer = await real(*values, **options)
            try:
                self._calls.end(number, called)
            except Befallen as befallen:
                raise _bus_failure(befallen) from None
            return answer

        _replace(place, method, counted)


def _replace(place: Any, name: str, counted: Any) -> None:
    setattr(place, name, counted)


@cache
def statements() -> dict[str, str]:
    """The name of every statement of the product, by its text."""
    files = [
        path for room in ("libs", "services", "ops") for path in (CHECKOUT / room).rglob("*.sql")
    ]
    return {
        text: name
        for path in files
        if "migrations" not in path.parts
        for name, text in load_queries(path).items()
    }


def _is_inside_a_copy(place: Path) -> bool:
    """Whether it is one of the thousand files of a cluster that is copied; one of them counts."""
    return FRESH_CLUSTER in place.parts and place.name not in (FRESH_CLUSTER, MIDWAY)


def _name_of_request(_: Any, method: str, *__: Any, **___: Any) -> str:
    return f"bucket {method}"


def _name_of_program(_: Any, words: Any, *__: Any, **___: Any) -> str:
    return _program(words)


def _program(words: Any) -> str:
    first = words if isinstance(words, str | Path) else words[0]
    return f"run {Path(first).name}"


def _database_failure(befallen: Befallen, connection: Any, *_: Any) -> BaseException:
    connection.abort()
    failure: BaseException = asyncpg.ConnectionDoesNotExistError(str(befallen))
    return failure


def _bus_failure(befallen: Befallen, *_: Any) -> BaseException:
    is_unknown = str(befallen) == Kind.DONE_THEN_FAILED
    kind: type[BaseException] = RequestTimedOutError if is_unknown else KafkaConnectionError
    return kind(str(befallen))


def _mail_failure(befallen: Befallen, *_: Any) -> BaseException:
    return aiosmtplib.SMTPServerDisconnected(str(befallen))


def _bucket_failure(befallen: Befallen, *_: Any) -> BaseException:
    return urllib3.exceptions.ProtocolError(str(befallen))


def _file_failure(befallen: Befallen, *_: Any) -> BaseException:
    return OSError(errno.EIO, str(befallen))


def _program_failure(befallen: Befallen, *_: Any) -> BaseException:
    return OSError(errno.ENOMEM, str(befallen))
