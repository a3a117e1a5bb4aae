"""Sends an answer exactly as it was kept, so that a repeat gets the same bytes."""

from fastapi import Response

from libs.events.log import Answer


def send_answer(answer: Answer) -> Response:
    """The kept answer as a response."""
    return Response(answer.body, answer.status, media_type="application/json")
