"""The rules by which versions of the policy are published."""

from dataclasses import replace
from datetime import date
from uuid import NAMESPACE_URL, uuid5

import pytest

from services.consent.domain.published_policy import POLICY_RECORD, PUBLISHED_POLICY, Publish

FIRST = Publish(version="1", effective_on=date(2026, 1, 1), digest_sha256="ab")


def test_policy_is_published_when_there_was_none() -> None:
    """The first version is published."""
    assert len(PUBLISHED_POLICY.decide(FIRST, None)) == 1


def test_policy_is_not_published_again_when_unchanged() -> None:
    """Starting again with the same file says nothing."""
    state = PUBLISHED_POLICY.fold(PUBLISHED_POLICY.decide(FIRST, None))
    assert PUBLISHED_POLICY.decide(FIRST, state) == ()


@pytest.mark.parametrize(
    "changed", [replace(FIRST, version="2"), replace(FIRST, digest_sha256="cd")]
)
def test_policy_is_published_when_version_or_text_changed(changed: Publish) -> None:
    """A new version and a changed text are both facts."""
    state = PUBLISHED_POLICY.fold(PUBLISHED_POLICY.decide(FIRST, None))
    assert len(PUBLISHED_POLICY.decide(changed, state)) == 1


def test_policy_record_is_about_no_person() -> None:
    """The record's id comes from the policy's own address."""
    assert uuid5(NAMESPACE_URL, "https://flux3d.example/policy") == POLICY_RECORD
