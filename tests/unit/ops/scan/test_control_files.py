"""The control lies in every folder while the scan runs, and nowhere afterwards."""

from pathlib import Path

from deploy.native.stack import Ports, Stack
from ops.scan.canaries import Canary, control_text
from ops.scan.control_files import FOLDERS, file_controls
from ops.scan.expected import Expected
from ops.scan.looking import Stretch, look_at
from ops.scan.matcher import Matcher, patterns_of
from ops.scan.places import places
from ops.scan.specimens import specimens

CONTROL = Canary("control", control_text(lambda count: b"c" * count))


def stack_in(folder: Path) -> Stack:
    """A stack's home with its folders, nothing running."""
    for name in FOLDERS:
        (folder / name).mkdir()
    return Stack(home=folder, ports=Ports(8440))


def test_every_planted_control_is_seen(tmp_path: Path) -> None:
    """What the planting says is to be found is found, in every folder and every encoding."""
    stack, patterns = stack_in(tmp_path), patterns_of([CONTROL])
    with file_controls(stack, specimens(CONTROL.text)) as expected:
        stretches = [Stretch(one, 0, one.size) for one in places(tmp_path)]
        looked = look_at(stretches, Matcher(patterns))
    seen = {
        Expected(one.store, patterns[pattern].encoding)
        for one in looked
        for _, _, pattern in one.sightings
    }
    assert expected <= seen
    stores = {one.store for one in expected}
    assert {"logs", "keys", "names", "backups", "compressed files, snappy"} <= stores


def test_nothing_of_the_control_is_left(tmp_path: Path) -> None:
    """When the scan ends, its files are gone."""
    stack = stack_in(tmp_path)
    with file_controls(stack, specimens(CONTROL.text)):
        assert list(places(tmp_path))
    assert list(places(tmp_path)) == []
