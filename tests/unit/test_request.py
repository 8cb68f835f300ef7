"""What a run may be asked for, typed into Dagster's launchpad."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.config import Home
from orchestration.defs.request import build_request, one_sentence


def run(tmp_path: Path, **asked: Any) -> tuple[dg.ExecuteInProcessResult, list[dict[str, str]]]:
    seen: list[dict[str, str]] = []

    @dg.asset(required_resource_keys={"request"})
    def shown(context: dg.AssetExecutionContext) -> None:
        with one_sentence(context.resources.request):
            seen.append(context.resources.request.variables)

    (tmp_path / "raw").mkdir(exist_ok=True)
    done = dg.materialize(
        [shown],
        resources={"request": build_request(Home(tmp_path / "home"), tmp_path / "raw")},
        run_config={"resources": {"request": {"config": asked}}},
        raise_on_error=False,
    )
    return done, seen


def test_days_are_read_as_people_write_them(tmp_path: Path) -> None:
    done, seen = run(tmp_path, as_of=" 2026-3-1 ", known_by="")
    assert done.success
    assert seen == [{"as_of": "2026-03-01"}]


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "20260301", "1; drop table x"])
def test_what_is_no_day_is_one_sentence(tmp_path: Path, text: str) -> None:
    done, seen = run(tmp_path, known_by=text)
    assert (done.success, seen) == (False, [])
    (failed,) = done.get_step_failure_events()
    failure = failed.step_failure_data.user_failure_data
    assert failure is not None
    sentence = f"known_by is {text!r}, which is no day; write it as 2026-11-23"
    assert failure.description == sentence
    # What the UI shows below it.
    error = failed.step_failure_data.error
    assert error is not None
    assert error.to_string() == sentence
