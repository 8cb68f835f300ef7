"""dbt as a process that ends with the one that started it.

Without this, a run that is killed leaves a dbt that goes on writing, beside the next run's.
"""

import os
import threading
import time

from dbt.cli.main import cli

_LOOK_EVERY_SECONDS = 0.2


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    cli()
