"""How the HTML pages of reports and grading are made: everything escaped, nothing silently missing."""

import pathlib

import jinja2


def environment(**filters):
    """Return a Jinja environment for the templates beside this module, with these filters."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(pathlib.Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters
    return made
