"""Where each key of a TOML text stands. The values come from tomllib, which keeps no positions."""

import re
from collections import Counter

from libs.policy.faults import Path

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_STEP = r'(?:"[^"]*"|[A-Za-z0-9_-]+)'
_KEY = re.compile(rf"^\s*({_STEP}(?:\s*\.\s*{_STEP})*)\s*=")
_DELIMITERS = re.compile(r'"""|\'\'\'')


def locate(text: str) -> dict[Path, int]:
    """The line of every table and key, the first line being 1.

    Shape: keys inside an inline table or an array are not listed; see `line_of`.
    """
    lines: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    inside: Path = ()
    quoted_by: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        starts_quoted, quoted_by = quoted_by, _quote_left_open(line, quoted_by)
        if starts_quoted:
            continue
        if header := _HEADER.match(line):
            inside = _table(header, tables)
            lines.setdefault(inside, number)
        elif key := _KEY.match(line):
            lines.setdefault((*inside, *_steps(key[1])), number)
    return lines


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a key, or of the nearest thing around it that has one; else 1."""
    known = (path[:length] for length in range(len(path), 0, -1) if path[:length] in lines)
    nearest = next(known, None)
    return 1 if nearest is None else lines[nearest]


def _table(header: re.Match[str], tables: "Counter[Path]") -> Path:
    """The path a header opens, with the number of each array's present entry in it."""
    named = _steps(header[2])
    is_array = header[1] == "[["
    path: Path = ()
    for depth, step in enumerate(named, start=1):
        path = (*path, step)
        if is_array and depth == len(named):
            tables[path] += 1
        if tables[path]:
            path = (*path, tables[path] - 1)
    return path


def _steps(dotted: str) -> tuple[str, ...]:
    """The names in a dotted key, without their quotation marks."""
    return tuple(step.strip('"') for step in re.findall(_STEP, dotted))


def _quote_left_open(line: str, quoted_by: str | None) -> str | None:
    """The delimiter of the long string still open at the end of this line, if there is one."""
    for delimiter in _DELIMITERS.findall(line):
        if quoted_by is None:
            quoted_by = delimiter
        elif quoted_by == delimiter:
            quoted_by = None
    return quoted_by
