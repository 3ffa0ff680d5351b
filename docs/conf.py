"""The course's website: the executed lessons and a few pages of its own, built by `make site`.

Nothing is executed here and nothing is fetched: the lessons keep their outputs. Where the site is built by a
workflow, GITHUB_REPOSITORY ("owner/name") adds the buttons that open a lesson on Colab and Binder.
"""

import base64
import hashlib
import json
import os
import pathlib
import re

DOCS = pathlib.Path(__file__).parent
ROOT = DOCS.parent
REPOSITORY = os.environ.get("GITHUB_REPOSITORY")
PUBLISHED = "gh-pages"  # the branch with the site and the notebooks for Colab, see tools/publish_notebooks.py

project = "Image data augmentation, hands on"
author = "the authors of the course"
project_copyright = "code: MIT License; lessons and drawings: CC BY 4.0"
language = "en"

extensions = ["myst_nb"]
root_doc = "index"
exclude_patterns = ["data/toy_dogs/*.py"]
nb_execution_mode = "off"
nb_code_prompt_show = "Show the code that draws"  # what the tag hide-input closes draws, and nothing else
nb_code_prompt_hide = "Hide the code that draws"
highlight_language = "none"  # what says no language is no Python
nb_ipywidgets_js = {}  # no page has a kernel; the default loads scripts from elsewhere
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system
html_theme_options = {
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "navbar_persistent": [],  # the search field stands in the sidebar
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if REPOSITORY:
    html_theme_options |= {
        "repository_url": f"https://github.com/{REPOSITORY}",
        "use_repository_button": True,
    }

# ---- pages that lie elsewhere in the repository ------------------------------------------------------------

# Copied beside this file (git ignores the copies), in folders like their own, so that their links stay right.
ELSEWHERE = {
    "data/README.md": "data/README.md",
    "data/toy_dogs/README.md": "data/toy_dogs/README.md",
    "data/toy_dogs/contact_sheet.png": "data/toy_dogs/contact_sheet.png",
    "data/toy_dogs/more_breeds.png": "data/toy_dogs/more_breeds.png",
    "data/toy_dogs/breeds.py": "data/toy_dogs/breeds.py",
    "data/toy_dogs/toy_dogs_dataset_builder.py": "data/toy_dogs/toy_dogs_dataset_builder.py",
    "solutions/GRADING.md": "pages/GRADING.md",
    "solutions/results/photographs/README.md": "pages/photographs.md",
}
alt_texts = {}  # by the digest of a picture, under which MyST-NB stores it


def _copy(content: bytes, target: pathlib.Path) -> None:
    """Write what has changed: Sphinx builds a page anew when its file is newer."""
    if not (target.exists() and target.read_bytes() == content):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _buttons(name: str, needs_torch: bool) -> str:
    """The line below a lesson's title: where to work through it."""
    if not REPOSITORY:
        command = "make lab-torch" if needs_torch else "make lab"
        return f"*This is the solved lesson. Yours to work in: `{command}`, then `work/{name}`.*"
    colab = f"https://colab.research.google.com/github/{REPOSITORY}/blob/{PUBLISHED}/notebooks/{name}"
    binder = f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/notebooks/{name}"
    places = f"[Colab]({colab})" if needs_torch else f"[Colab]({colab}) · [Binder]({binder})"
    return f"*This is the solved lesson.* **Yours to work in: {places}**"


def _lesson(path: pathlib.Path) -> bytes:
    """The executed notebook with the line of buttons; its pictures' alt texts are kept in `alt_texts`."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for mime, about in output.get("metadata", {}).items():
                picture = base64.b64decode(output["data"][mime])
                alt_texts[hashlib.sha256(picture).hexdigest()] = about["alt"]
    needs_torch = any("import torch\n" in cell["source"] for cell in notebook["cells"])
    title, *rest = "".join(notebook["cells"][0]["source"]).split("\n", 1)
    notebook["cells"][0]["source"] = "\n".join([title, "", _buttons(path.name, needs_torch), *rest])
    return json.dumps(notebook).encode()


def _map() -> str:
    """README's table of lessons, which stands on the front page, too."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.search(r"^\| \| lesson \|.*?\n\n", readme, re.MULTILINE | re.DOTALL)[0]
    return rows.replace("](notebooks/", "](lessons/").rstrip()


def _lead_to_pages(app, name, source) -> None:
    """Links of the site's own pages lead to files of the repository, as GitHub shows them; here, to pages."""
    if "/" in name:
        return
    if name == "index":
        app.env.note_dependency(str(ROOT / "README.md"))
    text = source[0].replace("{{ map }}", _map())
    text = re.sub(r"\]\(\.\./solutions/(\d\d_\w+\.ipynb)\)", r"](lessons/\1)", text)
    for place, page in ELSEWHERE.items():
        text = text.replace(f"](../{place})", f"]({page})")
    source[0] = re.sub(r"\[([^]]+)\]\(extra/report\.html\)", r'<a href="report.html">\1</a>', text)


def _give_alt_texts(app, doctree) -> None:
    for image in doctree.findall(lambda node: node.tagname == "image"):
        digest = pathlib.PurePosixPath(image["uri"]).stem
        if digest in alt_texts:
            image["alt"] = alt_texts[digest]


for source, target in ELSEWHERE.items():
    _copy((ROOT / source).read_bytes(), DOCS / target)
for notebook_path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.ipynb")):
    _copy(_lesson(notebook_path), DOCS / "lessons" / notebook_path.name)


def setup(app) -> None:
    """Sphinx calls this when it starts."""
    app.connect("source-read", _lead_to_pages)
    app.connect("doctree-read", _give_alt_texts)
