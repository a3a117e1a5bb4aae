"""The statements of the yardsticks."""

from pathlib import Path

from libs.events.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
