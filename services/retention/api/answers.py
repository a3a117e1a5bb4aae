"""Sends what was kept as the answer, so that a repeat reads the same to the byte."""

from fastapi import Response

from libs.events.log import Answer


def send_answer(answer: Answer) -> Response:
    """The answer as a response."""
    return Response(answer.body, answer.status, media_type="application/json")
