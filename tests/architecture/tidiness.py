"""The checks behind the tidy tests: each takes source and gives the places that break a rule."""

import ast
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
PARAMETERS_MAX = 5
PURE_ROOMS = ("domain", "projections", "vocabulary")
VAGUE_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
STRAY_MARKERS = ("FIX" + "ME", "X" + "XX", "<<<<" + "<<<", ">>>>" + ">>>")
SQL_WORDS = ("select ", "insert into ", "update ", "delete from ", "create table ")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def long_functions(tree: ast.AST) -> list[str]:
    """Functions of more lines than a screen."""
    return [
        f"{one.name} has {length} lines"
        for one in functions(tree)
        if (length := (one.end_lineno or one.lineno) - one.lineno + 1) > FUNCTION_LINES_MAX
    ]


def many_parameters(tree: ast.AST) -> list[str]:
    """Functions that ask for too much; self and a door's injected dependencies do not count."""
    return [
        f"{one.name} takes {count} parameters"
        for one in functions(tree)
        if (count := len([*_counted(one)])) > PARAMETERS_MAX
    ]


def _counted(function: Function) -> Iterator[ast.arg]:
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        is_injected = (
            "Depends" in ast.unparse(argument.annotation) if argument.annotation else False
        )
        if argument.arg not in {"self", "cls"} and not is_injected:
            yield argument


def impure(tree: ast.AST) -> list[str]:
    """Clock reads and async in a room that decides or sees."""
    found = [
        f"{one.name} is async" for one in functions(tree) if isinstance(one, ast.AsyncFunctionDef)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value).rsplit(".", maxsplit=1)[-1]
            if (owner, node.func.attr) in CLOCK_CALLS:
                found.append(f"line {node.lineno} reads the clock")
    return found


def sql_at_the_call(tree: ast.AST) -> list[str]:
    """Strings in the code that look like SQL; they belong into a .sql file."""
    return [
        f"line {node.lineno} holds SQL"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip().lower().startswith(SQL_WORDS)
        and node.value.count(" ") > 2
        and any(
            word in node.value.lower() for word in (" from ", " set ", " values", " into ", "(")
        )
        and node.value.lstrip()[:6].islower() | node.value.lstrip()[:6].isupper()
    ]


def not_only_docstring(tree: ast.Module) -> bool:
    """Whether a package's own file holds more than its docstring."""
    return len(tree.body) != 1 or ast.get_docstring(tree) is None


def silent_tests(tree: ast.Module) -> list[str]:
    """The tests that do not say which rule they guard."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, functions)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]


def stray_markers(text: str) -> list[str]:
    """Notes that may not land."""
    return [marker for marker in STRAY_MARKERS if marker in text]


def is_pure_room(path: Path) -> bool:
    """Whether the file lies in a room without I/O, clock and async."""
    return any(part in PURE_ROOMS for part in path.parts)
