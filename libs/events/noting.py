"""How far the records of a topic were heard, as what is to be remembered of it."""

from uuid import UUID

from libs.events.hearing import Progress
from libs.events.postgres_rows import QUERIES
from libs.events.view import Statement

Progresses = dict[UUID, Progress]


def noting(topic: str, before: Progresses, after: Progresses) -> list[Statement]:
    """What remembers the progress that changed; nothing where none did."""
    changed = {record: one for record, one in after.items() if one != before.get(record)}
    if not changed:
        return []
    versions = [one.last_version for one in changed.values()]
    held = [one.held_back for one in changed.values()]
    return [Statement(QUERIES["note_heard"], [topic, list(changed), versions, held])]
