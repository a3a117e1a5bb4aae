"""Text that a run writes into a document, between two marks; what stands around it stays."""

from pathlib import Path


def between(document: Path, begin: str, end: str) -> str:
    """What stands between the marks now."""
    return document.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]


def put_between(document: Path, begin: str, end: str, text: str) -> None:
    """Put another text between the marks.

    Raises: ValueError, when the document lacks a mark; nothing is written.
    """
    before, rest = document.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(end)
    document.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
