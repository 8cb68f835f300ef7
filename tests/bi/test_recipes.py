"""Each program of docs/bi answers as the mart does, and sees a new version at its next question."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tools import ENVIRONMENTS, RECIPES, program, two_versions

if TYPE_CHECKING:
    from conftest import Warehouse


def command(recipe: str) -> list[str | Path]:
    """Return how a recipe is started in its environment."""
    if recipe == "node_recipe.mjs":
        # Node looks for packages beside the file that imports them.
        node = ENVIRONMENTS / "node"
        return ["node", shutil.copy(RECIPES / recipe, node / recipe)]
    environment = "sqlalchemy" if recipe.startswith("sqlalchemy") else "dataframes"
    return [program(environment, "python"), RECIPES / recipe]


@pytest.mark.parametrize(
    "recipe", ["sqlalchemy_recipe.py", "ibis_recipe.py", "polars_recipe.py", "node_recipe.mjs"]
)
def test_a_program_answers_as_the_mart_before_and_after_a_publication(
    recipe: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    served = two_versions(warehouse, tmp_path)
    with subprocess.Popen(
        [*command(recipe), served.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        questions, answers = process.stdin, process.stdout
        assert questions
        assert answers

        def ask() -> dict[str, float]:
            questions.write("\n")
            questions.flush()
            answer: dict[str, float] = json.loads(answers.readline())
            return answer

        before = served.shares()
        assert ask() == pytest.approx(before, abs=1e-12)
        served.publish()
        after = served.shares()
        assert after != before
        assert ask() == pytest.approx(after, abs=1e-12)
        questions.close()
        assert process.wait(timeout=60) == 0
