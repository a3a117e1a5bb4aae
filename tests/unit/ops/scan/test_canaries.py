"""What a scan may be asked to look for, and the control that proves it looks."""

import json
from pathlib import Path

import pytest

from ops.scan.canaries import CanaryRefused, control_text, read_canaries


def test_texts_get_a_label_that_does_not_repeat_them() -> None:
    """A canary is called by its number, and printing it does not show it."""
    (canary,) = read_canaries(["Noor de Wit"], None)
    assert canary.label == "canary 1"
    assert "Noor" not in repr(canary)


def test_file_may_hold_texts_and_labelled_texts(tmp_path: Path) -> None:
    """A file is a JSON list of texts and of objects that name theirs."""
    file = tmp_path / "canaries.json"
    file.write_text(json.dumps(["Noor de Wit", {"label": "phone", "text": "+31612345678"}]))
    assert [one.label for one in read_canaries([], file)] == ["canary 1", "phone"]


def test_key_is_given_in_hex(tmp_path: Path) -> None:
    """The bytes of a key come from the command line or the file, and are not shown either."""
    file = tmp_path / "canaries.json"
    file.write_text(json.dumps([{"label": "data key", "hex": "ab" * 32}]))
    given, filed = read_canaries([], file, ["00ff" * 16])
    assert (given.label, given.key, filed.label) == ("canary 1", b"\0\xff" * 16, "data key")
    assert "xff" not in repr(given)


@pytest.mark.parametrize("digits", ["ab" * 15, "xy" * 16])
def test_key_that_cannot_be_looked_for_is_refused(digits: str) -> None:
    """A key of a few bytes would be seen everywhere, and letters are no hex."""
    with pytest.raises(CanaryRefused):
        read_canaries([], None, [digits])


@pytest.mark.parametrize("content", ["{}", "[1]", "not json", '["short"]'])
def test_what_cannot_be_looked_for_is_refused_without_quoting_it(
    content: str, tmp_path: Path
) -> None:
    """A file that is no list of texts, or a text too short to mean anything, is refused."""
    file = tmp_path / "canaries.json"
    file.write_text(content)
    with pytest.raises(CanaryRefused) as refused:
        read_canaries([], file)
    assert 'short"' not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is said so."""
    with pytest.raises(CanaryRefused, match="FileNotFoundError"):
        read_canaries([], tmp_path / "none.json")


def test_controls_differ() -> None:
    """Two controls made of other bytes are other texts."""
    assert control_text(lambda count: b"a" * count) != control_text(lambda count: b"b" * count)
