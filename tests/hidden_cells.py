"""What stands out of sight, in a cell tagged `hide-input`, draws and does nothing else.

A reader may leave such a cell closed and miss nothing of the subject. So its code is made of few things, and
whatever else stands there belongs in a cell in sight, before the drawing.
"""

import ast
import symtable

import matplotlib.axes
import matplotlib.axis
import matplotlib.colorbar
import matplotlib.figure
import matplotlib.legend
import matplotlib.lines
import matplotlib.patches
import matplotlib.text

from tools import lessons

_STATEMENTS = (
    ast.Assign | ast.AugAssign | ast.Expr | ast.For | ast.If | ast.With | ast.FunctionDef | ast.Return
)
_ARTISTS = (
    matplotlib.axes.Axes,
    matplotlib.axis.Axis,
    matplotlib.colorbar.Colorbar,
    matplotlib.figure.Figure,
    matplotlib.legend.Legend,
    matplotlib.lines.Line2D,
    matplotlib.patches.Patch,
    matplotlib.text.Text,
)
_DRAWING_MODULES = {"figures", "charts", "matplotlib"}
_DRAWING_METHODS = {name for artist in _ARTISTS for name in dir(artist) if not name.startswith("_")}
# What brings values into the form that a figure takes, and computes nothing that a reader should see.
_FEEDING_METHODS = {
    *(name for name in dir(str) if not name.startswith("_")),
    *("astype", "get", "items", "keys", "numpy", "ravel", "reshape", "tolist", "values"),
}
_FEEDING_FUNCTIONS = {
    *("dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed", "round"),
    *("sorted", "str", "tuple", "zip"),
    *(f"np.{name}" for name in ("arange", "array", "asarray", "broadcast_to", "clip", "concatenate")),
    *(f"np.{name}" for name in ("linspace", "ndenumerate", "stack", "uint8")),
}


def problems(lesson: lessons.Lesson) -> list[tuple[lessons.Cell, str]]:
    """The cells out of sight that hold more than drawing, each with what is wrong."""
    found, helpers, bound = [], set(), set()
    for cell in lesson.code:
        reads, binds = _names(cell.student)
        if "hide-input" in cell.tags:
            statements = ast.parse(cell.source).body
            helpers |= {node.name for node in statements if isinstance(node, ast.FunctionDef)}
            found += [(cell, sentence) for sentence in _cell_problems(cell, helpers)]
            bound |= binds
            continue
        bound -= binds
        for name in sorted(reads & bound):
            found.append((cell, f"needs `{name}`, which a cell out of sight defines"))
    return found


def _names(source):
    """The names that a cell takes from the notebook, and those that it gives to it."""
    try:
        top = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return set(), set()  # a magic: reported as such
    reads, binds, tables = set(), set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        own = [symbol for symbol in table.get_symbols() if table is top or symbol.is_global()]
        reads |= {symbol.get_name() for symbol in own if symbol.is_referenced()}
        binds |= {symbol.get_name() for symbol in own if symbol.is_assigned() or symbol.is_imported()}
    return reads, binds


def _cell_problems(cell, helpers):
    nodes = list(ast.walk(ast.parse(cell.source)))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    if cell.exercise or cell.check:
        yield "an exercise and its check stand in sight"
    if not any(map(_draws, calls)):
        yield "nothing is drawn in this cell out of sight"
    for node in nodes:
        if isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS):
            yield f"`{_first_line(node)}` is no drawing: it stands in sight"
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call | ast.Constant):
            yield f"`{_first_line(node)}` shows a value: that stands in sight"
    for function in calls:
        if not (_draws(function) or _feeds(function) or ast.unparse(function) in helpers):
            yield f"`{_first_line(function)}(…)` is no drawing: call it in sight, and draw what it gives"


def _first_line(node):
    return ast.unparse(node).partition("\n")[0]


def _draws(function):
    """Whether what is called is of `figures`, `charts` or matplotlib, or a method of what they make."""
    root = ast.unparse(function).partition(".")[0]
    method = isinstance(function, ast.Attribute) and function.attr in _DRAWING_METHODS
    return root in _DRAWING_MODULES or method


def _feeds(function):
    if isinstance(function, ast.Attribute) and function.attr in _FEEDING_METHODS:
        return True
    return ast.unparse(function) in _FEEDING_FUNCTIONS
