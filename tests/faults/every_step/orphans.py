"""Programs that a dead process had started: they go on by themselves to their end."""

from pathlib import Path

from tests.integration.libs.events.pieces import until

PROGRAM_SECONDS_MAX = 120.0


async def wait_for_orphans(folder: Path) -> None:
    """Wait until no program works at a folder any more.

    Why: nobody can take up what is still being written; the next command would find it growing.
    """

    async def all_ended() -> bool:
        return not any(str(folder).encode() in words for words in _commands())

    await until(all_ended, seconds=PROGRAM_SECONDS_MAX)


def _commands() -> list[bytes]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(place.read_bytes())
        except OSError:
            continue  # it ended meanwhile
    return found
