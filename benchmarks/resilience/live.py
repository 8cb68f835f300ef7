"""The real processes, as `deploy/` starts them: code server, daemon and webserver on loopback.

Belongs here: starting them, starting again what died as systemd would, asking them through GraphQL,
killing one, and the webhook that is told. Not here: what is asserted of them (tests/integration,
`scheduler`).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

from orchestration import config
from orchestration.config import Home

_RESTART_SECONDS = 1.0
_RUNS = """query($job: String) {
  runsOrError(filter: {pipelineName: $job}, limit: 200) {
    ... on Runs { results { runId status jobName tags { key value } startTime endTime } }
  }
}"""
_LAUNCH = """mutation($job: String!) {
  launchRun(executionParams: {mode: "default", selector: {
    repositoryLocationName: "genai_ledger", repositoryName: "__repository__", jobName: $job
  }}) { __typename }
}"""
_ENDING_SECONDS = 5.0


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Webhook(ThreadingHTTPServer):
    """Takes alerts on loopback; `titles` are those taken, in their order."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen, and answer in a thread."""
        super().__init__(("127.0.0.1", 0), _Post)
        self.alerts: list[dict[str, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def titles(self) -> list[str]:
        """What was told, without whose it is."""
        return [alert["title"].removeprefix("GenAI Ledger: ") for alert in self.alerts]


class _Post(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.alerts.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal clean."""


class Live:
    """A raw folder and a home, and the three processes that look after them.

    `settings` are environment variables besides. The log of each process is in the folder.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        """Make the folders; nothing is started."""
        self.folder, self.raw, self.home = folder, folder / "raw", Home(folder / "warehouse")
        self.raw.mkdir(parents=True, exist_ok=True)
        self.webhook = Webhook()
        self.port, code_port = free_port(), free_port()
        self.environment = {
            **os.environ,
            "GENAI_LEDGER_RAW": str(self.raw),
            "GENAI_LEDGER_HOME": str(self.home.path),
            "DAGSTER_HOME": str(self.home.dagster),
            "GENAI_LEDGER_CODE_HOST": "127.0.0.1",
            "GENAI_LEDGER_ALERTS": f"json://127.0.0.1:{self.webhook.server_port}",
            "PYTHONPATH": str(config.PROJECT),
            **settings,
        }
        workspace = folder / "workspace.yaml"
        deployed = (config.PROJECT / "deploy" / "workspace.yaml").read_text()
        workspace.write_text(deployed.replace("4000", str(code_port)))
        module, at = "orchestration.defs.definitions", ["-h", "127.0.0.1", "-p"]
        self.commands = {
            "code": ["dagster", "code-server", "start", "-m", module, *at, str(code_port)],
            "daemon": ["dagster-daemon", "run", "-w", str(workspace)],
            "webserver": ["dagster-webserver", *at, str(self.port), "-w", str(workspace)],
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = threading.Event()

    @contextlib.contextmanager
    def running(self, seconds: float = 120) -> Iterator[Live]:
        """Start all, wait until they answer, keep them alive; end all that was started."""
        self.run("prepare")
        for name in self.commands:
            self._start(name)
        keeper = threading.Thread(target=self._keep_alive, daemon=True)
        keeper.start()
        try:
            wait_for("the webserver", self.is_loaded, seconds)
            yield self
        finally:
            self._ending.set()
            keeper.join()
            for process in self.processes.values():
                process.terminate()
            end = time.monotonic() + _ENDING_SECONDS
            for process in self.processes.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(end - time.monotonic(), 0))
            for pid, _ in self._found():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.webhook.shutdown()

    def _start(self, name: str) -> None:
        program, *arguments = self.commands[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [Path(sys.executable).with_name(program), *arguments],
                cwd=config.PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep_alive(self) -> None:
        """Start again what died, as `Restart=always` does."""
        while not self._ending.wait(_RESTART_SECONDS):
            for name, process in list(self.processes.items()):
                if process.poll() is not None:
                    self._start(name)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of genai-ledger beside them."""
        return subprocess.run(
            [Path(sys.executable).with_name("genai-ledger"), *arguments],
            cwd=config.PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return what the webserver answers to a GraphQL query."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - loopback
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def is_loaded(self) -> bool:
        """Whether the UI shows the assets."""
        try:
            return bool(self.ask("{ assetNodes { id } }")["assetNodes"])
        except OSError:
            return False

    def runs(self, job: str = "build_warehouse") -> list[dict[str, Any]]:
        """Return the runs of a job, oldest first."""
        found: list[dict[str, Any]] = self.ask(_RUNS, job=job)["runsOrError"]["results"]
        return found[::-1]

    def launch(self, job: str) -> None:
        """Start a run of a job, as a click in the UI does."""
        launched = self.ask(_LAUNCH, job=job)["launchRun"]["__typename"]
        assert launched == "LaunchRunSuccess", launched

    def statuses(self, job: str = "build_warehouse") -> list[str]:
        """Return how the runs of a job stand, oldest first."""
        return [run["status"] for run in self.runs(job)]

    def _found(self) -> Iterator[tuple[int, str]]:
        """Yield each process of this home, with its command."""
        own = f"GENAI_LEDGER_HOME={self.home.path}\0".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if own in (folder / "environ").read_bytes():
                        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                        yield int(folder.name), command.decode(errors="replace")

    def kill(self, what: str) -> bool:
        """Kill `run`, `code`, `daemon` or `machine`, all of it, at once; return whether it was."""
        words = {
            "run": ("spawn_main", "dbt_child"),  # the code server spawns them
            "code": ("code-server", "api grpc"),
            "daemon": ("dagster-daemon",),
            "machine": ("",),
        }[what]
        killed = False
        for pid, command in self._found():
            if any(word in command for word in words) and "webserver" not in command.split()[0:2]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed = True
        return killed

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the served file answers."""
        with duckdb.connect(str(self.home.served), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def wait_for(what: str, is_so: Callable[[], object], seconds: float) -> None:
    """Wait until something is so. Raises TimeoutError, naming it."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {seconds:,.0f} s")
        time.sleep(0.5)
