"""The supervisor's configuration file, written from the list of programs."""

from __future__ import annotations

import shlex
from configparser import RawConfigParser
from io import StringIO

from deploy.native.programs import RANKS, Program
from deploy.native.stack import Stack

MARK = "FLUX3D_STACK"
LOG_SIZE_MAX = "10MB"
LOG_COPIES = 3


def configuration(stack: Stack, programs: list[Program], *, at_once: tuple[str, ...]) -> str:
    """The whole file; it carries passwords, so it is kept private.

    Shape: all programs are known to the supervisor; only those named start with it.
    """
    parser = RawConfigParser(strict=False)
    parser.read_dict(_daemon(stack))
    for program in programs:
        parser.read_dict(
            {f"program:{program.name}": _program(stack, program, at_once=program.name in at_once)}
        )
    text = StringIO()
    parser.write(text)
    return text.getvalue()


def _daemon(stack: Stack) -> dict[str, dict[str, str]]:
    door = {
        "port": f"127.0.0.1:{stack.ports.supervisor}",
        "username": "flux3d",
        "password": stack.secret("supervisor.password"),
    }
    daemon = {
        "logfile": f"{stack.logs}/supervisor.log",
        "logfile_maxbytes": LOG_SIZE_MAX,
        "logfile_backups": str(LOG_COPIES),
        "pidfile": f"{stack.run}/supervisor.pid",
        "childlogdir": f"{stack.logs}",
        "environment": f'{MARK}="{stack.home}",PYTHONUNBUFFERED="1"',
        "minfds": "1024",
    }
    factory = "supervisor.rpcinterface:make_main_rpcinterface"
    return {
        "inet_http_server": door,
        "supervisord": {name: _plain(value) for name, value in daemon.items()},
        "rpcinterface:supervisor": {"supervisor.rpcinterface_factory": factory},
    }


def _program(stack: Stack, program: Program, *, at_once: bool) -> dict[str, str]:
    variables = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    lines = {
        "command": shlex.join(program.command),
        "directory": str(program.folder),
        "environment": variables,
        "user": program.user or "",
        "autostart": str(at_once).lower(),
        "autorestart": "true",
        "startsecs": "1",
        "priority": str(RANKS[program.name]),
        "startretries": "1000000",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        "redirect_stderr": "true",
        "stdout_logfile": f"{stack.logs}/{program.name}.log",
        "stdout_logfile_maxbytes": LOG_SIZE_MAX,
        "stdout_logfile_backups": str(LOG_COPIES),
    }
    return {name: _plain(value) for name, value in lines.items() if value}


def _plain(value: str) -> str:
    # The supervisor expands %(name)s; a percent sign of ours is only that.
    return value.replace("%", "%%")
