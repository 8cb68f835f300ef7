"""What pyproject.toml can't say: the dbt project and the exchange rates are part of the package.

They lie beside it in a checkout, where people and dbt look for them.
"""

from setuptools import find_namespace_packages, setup

BESIDE = ("dbt_project", "raw")

setup(
    packages=[
        *find_namespace_packages(include=["orchestration", "orchestration.*"]),
        *(f"orchestration.{folder}" for folder in BESIDE),
    ],
    package_dir={f"orchestration.{folder}": folder for folder in BESIDE},
)
