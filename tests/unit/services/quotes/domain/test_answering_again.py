"""Retention missed the answer of quotes, and asks again."""

from uuid import UUID

from libs.events.testing.spec import spec
from libs.events.values import Category, Owner
from libs.events.vocabulary.scrubbing import RecordScrubbed
from services.quotes.domain.quote import QUOTE, ScrubQuote

ERASURE = UUID(int=7)
CATEGORIES = (Category.QUOTE,)


def test_answer_that_retention_misses_is_given_again() -> None:
    """Quotes answers whether it had answered or not."""
    again = ScrubQuote(erasure=ERASURE, categories=CATEGORIES, again=True)
    answer = RecordScrubbed(
        owner=Owner.QUOTES, erasure=ERASURE, categories=CATEGORIES, objects_deleted=0
    )
    spec(QUOTE).when(again).then(answer)
    spec(QUOTE).given(answer).when(again).then(answer)
