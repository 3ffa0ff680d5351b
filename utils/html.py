"""How the HTML pages of reports and grading are made: everything escaped, nothing silently missing."""

from collections.abc import Callable
from typing import Any

import jinja2


def environment(package: str, **filters: Callable[..., Any]) -> jinja2.Environment:
    """Return a Jinja environment for the folder `templates` of a package (its name), with these filters."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters
    return made
