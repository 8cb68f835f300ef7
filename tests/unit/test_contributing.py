"""What CONTRIBUTING.md tells newcomers is so: the files it names exist, and the commands run."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.config import PROJECT

TEXT = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`]+)`", TEXT)
FILES = sorted({text for text in QUOTED if re.fullmatch(r"[\w./-]+\.(py|sql|yml|csv)", text)})
COMMANDS = sorted(
    {match[1] for text in QUOTED if (match := re.match(r"\.venv/bin/genai-ledger (\w+)", text))}
)
TARGETS = sorted({match[1] for text in QUOTED if (match := re.match(r"make (\w+)", text))})


def test_there_is_something_to_hold_it_to() -> None:
    assert len(FILES) > 15
    assert {"build", "report", "check", "add"} <= set(COMMANDS)
    assert {"check", "test", "help"} <= set(TARGETS)


@pytest.mark.parametrize("file", FILES)
def test_named_files_exist(file: str) -> None:
    assert (PROJECT / file).is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_named_commands_exist(command: str) -> None:
    assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("target", TARGETS)
def test_named_targets_exist(target: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.M)
