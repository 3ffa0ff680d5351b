"""What is proved about a lesson without running it: functions that return problems as sentences.

What takes a run is proved while nbval compares the outputs, see `tools.proofs`.

`test_lessons.py` applies them to the lessons, `test_lesson_problems.py` to a small one broken on purpose: a
proof that never finds anything proves nothing.
"""

import ast
import contextlib
import html.parser
import importlib.util
import io
import pathlib
import re
import sys
import tempfile
import warnings

import hidden_cells
import nbconvert
import nbformat
import nbval.plugin

from tools import build_notebooks, lessons

ROOT = pathlib.Path(__file__).parents[1]
FEWEST_COMPARED = 3  # cells whose output is compared, checks of exercises not counted
FEWEST_WRONG_ANSWERS = 2
MOST_BYTES = 2_000_000
_NO_ALT = "No description has been provided for this image"  # nbconvert's own


def _at(lesson, cell, sentence):
    return f"{lesson.path.name}, line {cell.line}: {sentence}."


def _shown(error):
    return f"{type(error).__name__}: {error}"


def form_problems(lesson):
    """Where a lesson's script has not the form of a lesson."""
    problems = _text_problems(lesson)
    if not lesson.exercises:
        problems.append(f"{lesson.path.name} has no exercise.")
    for index, cell in enumerate(lesson.cells):
        problems += [_at(lesson, cell, sentence) for sentence in _cell_problems(lesson, cell)]
        if cell.exercise:
            problems += [_at(lesson, cell, sentence) for sentence in _exercise_problems(lesson, index)]
    problems += [_at(lesson, cell, sentence) for cell, sentence in hidden_cells.problems(lesson)]
    return problems + _uses_of_students_functions(lesson)


def _text_problems(lesson):
    first = lesson.cells[0].source
    text = "\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
    questions = text.partition("\n## Questions")[2]
    wanted = {
        f"starts with the title, `# {lesson.number} …`": first.startswith(f"# {lesson.number} "),
        "says its goal in the first cell, `**Goal.** …`": re.search(
            r"^\*\*Goal\.\*\* \S", first, re.MULTILINE
        ),
        "has a part `## What you learned`": re.search(r"^## What you learned$", text, re.MULTILINE),
        "ends with `## Questions`, three of them, each with "
        "`<details><summary>Answer</summary>`": questions.count("<summary>Answer</summary>") == 3,
        "closes every <details>": text.count("<details>") == text.count("</details>"),
    }
    return [f"A lesson {what}; {lesson.path.name} does not." for what, found in wanted.items() if not found]


def _exercise_problems(lesson, index):
    """What is missing around the exercise in cell `index`: task, docstring, check, hint."""
    cell = lesson.cells[index]
    before = lesson.cells[index - 1]
    check, after = (*lesson.cells[index + 1 : index + 3], None, None)[:2]
    title = cell.exercise.title
    hints = [near.source for near in (before, after) if near and near.kind == "markdown"]
    if before.kind != "markdown" or not re.search(rf"^##+ {re.escape(title)}$", before.source, re.MULTILINE):
        yield f"the text before the exercise has no heading `## {title}`"
    if not any(re.search(r"<details><summary>Hint", text) for text in hints):
        yield "the text before the exercise or after its check has no `<details><summary>Hint</summary>`"
    if not _has_docstring(cell):
        yield "the exercise has no docstring"
    call = check.check if check else None
    if not call or call["module"] != f"lesson_{lesson.number}" or call["argument"] != cell.exercise.function:
        name = cell.exercise.function
        yield f"the exercise is not followed by a cell `checks.lesson_{lesson.number}.{name}({name})`"
    elif check.tags:
        yield "the check of an exercise has tags: what it prints must be compared"


def _has_docstring(cell):
    functions = [node for node in ast.walk(ast.parse(cell.student)) if isinstance(node, ast.FunctionDef)]
    return any(ast.get_docstring(node) for node in functions)


_FORBIDDEN = {
    r"^\s*[%!]": "uses a magic or a shell command: lessons are plain Python",
    r"\bplt\.show\(|\.show\(\)": "shows a figure without alt text: use `figures.show(figure, alt=…)`",
    r"\bos\.environ\b|\bgetenv\b|\bif CI\b": "looks at the environment: settings come from `utils.settings`",
    r"#\s*(NBVAL_|PYTEST_VALIDATE)": "steers nbval by a comment: use a tag",
}


def _cell_problems(lesson, cell):
    if cell.kind != "code":
        return []
    return [what for pattern, what in _FORBIDDEN.items() if re.search(pattern, cell.source, re.MULTILINE)]


def _uses_of_students_functions(lesson):
    """Later cells that use a student's function, unless they have defined the name anew before.

    `checks.yours(function, …)` may: it knows whether the function is right.
    """
    problems = []
    for index, cell in enumerate(lesson.cells):
        if not cell.exercise:
            continue
        name = cell.exercise.function
        for later in lesson.cells[index + 1 :]:
            if later.kind != "code" or later.check:
                continue
            uses, defines = _uses(lessons.YOURS.sub("checks.yours(", later.student), name)
            if defines:
                break
            if uses:
                sentence = f"this cell uses the student's `{name}`, and fails while that exercise is open"
                problems.append(_at(lesson, later, sentence))
    return problems


def _uses(source, name):
    """Whether the code loads `name`, and whether it binds it at its top level."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False, False  # a magic: reported as such
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    bound = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name) for alias in node.names}
    stored = any(isinstance(node.ctx, ast.Store) for node in names)
    return any(isinstance(node.ctx, ast.Load) for node in names), stored or name in bound


def wrong_answers(folder, lesson):
    """WRONG of `folder/lesson_NN.py`: {function: [(name, wrong function, pattern of the message), …]}."""
    path = pathlib.Path(folder) / f"lesson_{lesson.number}.py"
    return _module(f"wrong_answers_{lesson.number}", path).WRONG if path.exists() else {}


def _module(name, path):
    """Import a file; it stays in `sys.modules`, where AutoGraph looks for the source of its functions."""
    specification = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def wrong_answer_problems(lesson, wrong):
    """Where wrong answers are missing, left over, or would be satisfied by any message."""
    functions = {exercise.function: exercise for exercise in lesson.exercises}
    problems = [f"There is no exercise {name} in {lesson.name}." for name in wrong if name not in functions]
    for name, exercise in functions.items():
        answers = wrong.get(name, [])
        if len({title for title, _, _ in answers}) < FEWEST_WRONG_ANSWERS:
            problems.append(
                f"{exercise.title}: {len(answers)} wrong answers; at least two different ones are needed."
            )
        if len({id(function) for _, function, _ in answers}) < len(answers):
            problems.append(f"{exercise.title}: the same wrong answer twice.")
        for title, _, pattern in answers:
            if re.search(pattern, "Not right yet.\n  tried:  \n  got:  \n  expected:  \n  look at:  "):
                problems.append(f"{exercise.title}: {title}: the pattern {pattern!r} matches any message.")
    return problems


@contextlib.contextmanager
def _quietly():
    """Drop what is printed, and warnings."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(action="ignore"),
    ):
        yield


def message(check, function, expected_error):
    """What the check says to a wrong answer; None when it says nothing, another error as text."""
    try:
        with _quietly():
            check(function)
    except expected_error as error:
        return str(error)
    except Exception as error:
        return f"(not a CheckFailed) {_shown(error)}"
    return None


def message_problems(title, message, pattern):
    """Whether a wrong answer got through, or got a message that does not name the mistake."""
    if message is None:
        return [f"The wrong answer “{title}” passes its check."]
    if message.startswith("(not a CheckFailed)") or not re.search(pattern, message):
        return [f"The wrong answer “{title}” gets a message without {pattern!r}:\n{message}"]
    return []


def output_problems(path):
    """Where the stored outputs of a solution edition would not do as a reference, or as a page to read."""
    notebook = nbformat.read(path, as_version=4)
    problems = [f"{path.name}, {sentence}" for sentence in build_notebooks.output_problems(notebook)]
    if path.stat().st_size > MOST_BYTES:
        problems.append(
            f"{path.name} has {path.stat().st_size:,} bytes; {MOST_BYTES:,} are enough: smaller figures."
        )
    if _compared(notebook) < FEWEST_COMPARED:
        problems.append(
            f"{path.name}: nbval compares {_compared(notebook)} cells; at least {FEWEST_COMPARED} should be."
        )
    problems += [f"{path.name}, {sentence}" for sentence in _checks_that_did_not_pass(notebook)]
    for number, cell in enumerate(notebook.cells):
        for tag in cell.metadata.get("tags", []):
            if tag not in lessons.TAGS or tag not in {*nbval.plugin.metadata_tags, "hide-input"}:
                problems.append(f"{path.name}, cell {number}: nobody knows the tag {tag!r}.")
        for output in cell.get("outputs", []):
            problems += [f"{path.name}, cell {number}: {sentence}." for sentence in _one_output(output)]
    return problems


def _checks_that_did_not_pass(notebook):
    """Checks of exercises whose stored output is not that of a right answer, in order: `✓ Exercise 1…`."""
    checks = [cell for cell in notebook.cells if lessons.CHECK.fullmatch(cell.source)]
    for number, cell in enumerate(checks, start=1):
        printed, start = "".join(_text(output) for output in cell.outputs), f"✓ Exercise {number}"
        if not printed.startswith(start):
            yield f"the check of a right answer prints {printed!r}, nothing that starts {start!r}."


def _compared(notebook):
    """The number of cells, other than checks, whose printed text nbval compares."""
    return sum(
        cell.cell_type == "code"
        and not {"nbval-ignore-output", "nbval-skip"} & set(cell.metadata.get("tags", []))
        and not cell.source.startswith("checks.lesson_")
        and any(_text(output) and not _pictures(output) for output in cell.outputs)
        for cell in notebook.cells
    )


def _text(output):
    return output.get("text", "") or output.get("data", {}).get("text/plain", "")


def _pictures(output):
    return [kind for kind in output.get("data", {}) if kind.startswith("image/")]


def _one_output(output):
    text = "\n".join(value for value in [_text(output), output.get("data", {}).get("text/html", "")] if value)
    for kind in _pictures(output):
        if not output.metadata.get(kind, {}).get("alt"):
            yield "a figure without alt text: use `figures.show(figure, alt=…)`"
    if "<Figure size" in text:
        yield "a bare matplotlib figure: use `figures.show(figure, alt=…)`"
    path = re.search(rf"({_machine_paths()})\S*", text)
    if path:
        yield f"a path of this machine: {path[0]!r}"
    if re.search(r"\bat 0x[0-9a-f]{6,}", text):
        yield "an address in memory, other in every run"
    if "\r" in text or "\b" in text:
        yield "a progress bar: use `verbose=0` and print a table"


def _machine_paths():
    """A pattern of paths that only this machine, or one like it, has."""
    folders = {str(ROOT), str(pathlib.Path.home()), tempfile.gettempdir()}
    known = [re.escape(folder) for folder in sorted(folders) if len(folder) > 2]
    return "|".join([*known, r"/(home|Users|root|tmp)/", r"\b[A-Z]:\\"])


class _Images(html.parser.HTMLParser):
    """Collects the alt texts of all <img>, None where there is none."""

    def __init__(self):
        super().__init__()
        self.alts = []

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.alts.append(dict(attributes).get("alt"))


def images_of_page(path):
    """The alt texts of all pictures in the HTML page of a notebook.

    The page is made with nbconvert's template "classic": the default one, "lab", drops alt texts.
    """
    page, _ = nbconvert.HTMLExporter(template_name="classic").from_filename(str(path))
    images = _Images()
    images.feed(page)
    return images.alts


def page_problems(path):
    """Pictures without alt text in the HTML page of a notebook."""
    missing = sum(not alt or not alt.strip() or alt == _NO_ALT for alt in images_of_page(path))
    return [f"{path.name}: {missing} pictures without alt text in the HTML page."] if missing else []
