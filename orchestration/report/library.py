"""What draws the page's charts, as one script: Vega as vl-convert holds it.

Belongs here: bundling it, which takes seconds. Not here: the page that holds it (page.py), nor when
it is made anew (`defs.stages`).
"""

import vl_convert

# The interpreter of expressions needs no code made of texts. Its version is that of the one
# vl-convert that pyproject.toml allows.
_LIBRARY = """
import { expressionInterpreter as interpreter } from "/npm/vega-interpreter@2.0.0/+esm";
import * as library from "/npm/vega@%s/+esm";
Object.assign(self, { vega: library, expressionInterpreter: interpreter });
"""


def bundle() -> str:
    """Return the script."""
    return str(vl_convert.javascript_bundle(_LIBRARY % vl_convert.get_vega_version()))
