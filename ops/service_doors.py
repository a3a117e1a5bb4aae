"""The services' own doors, opened with a short-lived token of the operator who types."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from deploy.native.stack import Stack
from libs.events.ids import RealIds
from ops.outcome import Away, SaidNo
from ops.stack_clock import stack_clock

if TYPE_CHECKING:
    import httpx

VALID_FOR = timedelta(minutes=5)
TIMEOUT_SECONDS = 30.0
NOT_HERE = {502, 503, 504}
Json = dict[str, Any]


class ServiceDoors:
    """One service, called on its own port as an operator."""

    def __init__(self, stack: Stack, service: str) -> None:
        """Call `service` of `stack`; nothing is contacted yet."""
        self._stack = stack
        self.service = service

    def get(self, path: str, **query: Any) -> Json:
        """What a door shows.

        Raises: SaidNo, with the problem it answered; Away, when it does not answer.
        """
        asked = {name: value for name, value in query.items() if value is not None}
        with self._client() as client:
            return _content(self.service, client.get(path, params=asked))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """What a door answers to one write, under an idempotency key of its own.

        Raises: SaidNo, Away.
        """
        headers = {"Idempotency-Key": str(RealIds().new())}
        with self._client() as client:
            answer = client.post(path, json=dict(body or {}), headers=headers)
        return _content(self.service, answer)

    def stream(self, path: str, body: Mapping[str, Any]) -> Iterator[Json]:
        """The lines of JSON that a door answers with, as they come.

        Raises: SaidNo, Away.
        """
        with (
            self._client() as client,
            client.stream("POST", path, json=dict(body), timeout=None) as answer,
        ):
            if answer.is_error:
                answer.read()
                _content(self.service, answer)
            for line in answer.iter_lines():
                yield msgspec.json.decode(line)

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        import httpx

        from libs.doors.tokens import issue_token

        token = issue_token(
            self._stack.secrets.joinpath("token-signing.pem").read_bytes(),
            name=getpass.getuser(),
            roles=["operator"],
            now=stack_clock(self._stack).now(),
            valid_for=VALID_FOR,
        )
        try:
            with httpx.Client(
                base_url=self._stack.service_url(self.service),
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_SECONDS,
            ) as client:
                yield client
        except httpx.TransportError as error:
            message = f"{self.service} does not answer ({type(error).__name__}). See flux3d status"
            raise Away(message) from error


def _content(service: str, answer: httpx.Response) -> Json:
    if not answer.is_error:
        return dict(answer.json())
    text = f"{service}: {_problem(answer)}"
    if answer.status_code in NOT_HERE:
        raise Away(text)
    raise SaidNo(text)


def _problem(answer: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return f"answered {answer.status_code}"
    errors = [f"{one.get('pointer')} {one.get('detail')}" for one in problem.get("errors", [])]
    said = [problem.get("title"), problem.get("detail"), *errors]
    return f"{' '.join(str(one) for one in said if one)} ({answer.status_code})"
