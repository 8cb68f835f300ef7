"""What a run shows on the terminal: a line when a stage starts, instead of Dagster's log.

Belongs here: turning Dagster's events into lines and sentences. Not here: starting the run (`run`).
"""

import logging
import time
from typing import IO

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from rich.console import Console

LOGGER = logging.getLogger("genai_ledger.stages")

STAGES = {
    "land": "Reading and landing raw files",
    "dbt_build": "Building and auditing with dbt",
    "dictionary": "Describing columns and their lineage",
    "docs": "Writing the docs",
    "published": "Publishing",
    "report": "Writing the report",
    "exports": "Writing the exports",
    "data_recency": "Judging how recent the sources are",
    "all_of_raw_is_used": "Looking for what was left out",
}
_AT_ONCE = ("data_recency", "all_of_raw_is_used")  # no line for what takes no time
# What was refused is told file by file while landing, what failed in dbt from its results.
_TOLD_ELSEWHERE = ("all_of_raw_is_used", "dbt_build")


@dg.logger
def stage_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Hand Dagster the logger that prints stages."""
    return LOGGER


class StageLines(logging.Handler):
    """Prints a line when a stage starts, with what it says, and one when it fails.

    On a terminal a spinner with the count of models and checks done turns while it works.
    """

    def __init__(self, terminal: IO[str]) -> None:
        """Write to `terminal`, whatever standard output is while the run goes on."""
        super().__init__()
        self.console = Console(file=terminal, highlight=False, soft_wrap=True)
        self.status = self.console.status("")
        self.started = 0.0
        self.done = {"ASSET_MATERIALIZATION": 0, "ASSET_CHECK_EVALUATION": 0}
        self.problems: list[str] = []
        self.failures: list[str] = []  # with their causes, for telling a full disk
        self.ended: set[str | None] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Show a log record, if it says something to an analyst."""
        facts = getattr(record, "dagster_meta", {})
        event = facts.get("dagster_event")
        step = facts.get("step_key")
        if event is not None:
            self._show(event.event_type_value, STAGES.get(step or "", step), event)
        elif step == "land" and record.levelno >= logging.ERROR:
            self._problem(facts["orig_message"])
        elif record.levelno == logging.INFO and (
            # What Dagster and dagster-dbt say of their own work tells an analyst nothing.
            step == "land" or facts.get("orig_message", "").startswith("unchanged")
        ):
            self.console.print(f"  {facts['orig_message']}", markup=False)

    def _show(self, kind: str, stage: str | None, event: dg.DagsterEvent) -> None:
        if kind == "STEP_START":
            self.started = time.monotonic()
            self.done = dict.fromkeys(self.done, 0)
            if event.step_key not in _AT_ONCE:
                self.console.print(f"{stage} ...", style="bold")
            self.status.update(f"{stage}")
            self.status.start()
        elif kind in self.done:
            self.done[kind] += 1
            self.status.update(f"{stage}: {self._counts()}")
        elif kind in ("STEP_SUCCESS", "STEP_FAILURE"):
            self.status.stop()
            self.ended.add(event.step_key)
        # One without a line of its own would seem to be the stage above it.
        if kind == "STEP_FAILURE" and event.step_key not in _AT_ONCE:
            self.console.print(f"  failed after {time.monotonic() - self.started:,.1f} s")
        if kind == "STEP_FAILURE" and (error := event.step_failure_data.error):
            self.failures.append(error.to_string())
            told = event.step_failure_data.user_failure_data
            if told and event.step_key in _TOLD_ELSEWHERE:
                pass
            elif error.cls_name == DagsterExecutionInterruptedError.__name__:
                self._problem(f"Stopped at “{stage}”; what is served is as it was.")
            elif told and told.description:
                self._problem(told.description)
            else:
                self._problem(f"{stage} failed: {error.message}")

    def _counts(self) -> str:
        tables, checks = self.done.values()
        return f"{tables:,} built, {checks:,} checked"

    def _problem(self, sentence: str) -> None:
        if sentence.strip() not in self.problems:
            self.problems.append(sentence.strip())
