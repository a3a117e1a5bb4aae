"""Text as it may come in: any script, no tricks; refused with a reason that never repeats it."""

import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DIRECTION_OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def clean_line(text: str) -> str:
    """One line of text, NFC, without space around it.

    Shape: letters of any direction and combining marks stay; hidden direction changes do not,
    because they make a name read as another.
    Raises: ValueError, when it is empty or holds something that is no text.
    """
    if _CONTROLS.search(text.strip()):
        message = "must not hold control characters or line breaks"
        raise ValueError(message)
    if _DIRECTION_OVERRIDES.search(text):
        message = "must not hold characters that override the direction of writing"
        raise ValueError(message)
    return _not_empty(text)


def clean_text(text: str) -> str:
    """Text of many lines, NFC, its line ends as one newline each.

    Raises: ValueError, when it is empty or holds a control character that is not layout.
    """
    if _CONTROLS_BUT_LAYOUT.search(text):
        message = "must not hold control characters"
        raise ValueError(message)
    return _not_empty(text.replace("\r\n", "\n").replace("\r", "\n"))


def _not_empty(text: str) -> str:
    if _SURROGATES.search(text):
        message = "must not hold half of a character (a lone surrogate)"
        raise ValueError(message)
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean:
        message = "must not be empty"
        raise ValueError(message)
    return clean
