"""From results to what people read: a page for each student, an overview of the class, `grades.csv`.

Student's text is escaped wherever it goes, pages have no scripts, and what is odd about a submission stands
in the overview alone.
"""

import pathlib

import numpy as np

from utils import figures, files, html, words
from utils.grading import grader, spreadsheet, suspicions

_MOST_LISTED = 6
_MOST_FILES = 2


def write(out, results, written):
    """Write all pages and tables, and return the path of the overview.

    Args:
      out: the folder.
      results: paths of the results, as `grader.write` leaves them.
      written: scores.Scores, what the instructor wrote.

    Raises:
      files.WriteError, scores.ScoresError.
    """
    environment = html.environment(__package__, points=_points, few=_few, first_few=_first, count=words.count)
    rows = [_write_page(environment, out, pathlib.Path(path), written) for path in results]
    shared = suspicions.of_class(rows)
    rows = [row | {"flags": [*shared.get(row["submission"], ()), *row["flags"]]} for row in rows]
    files.write_whole(out / "grades.csv", _grades(rows))
    files.write_whole(out / "index.html", _overview(environment, rows))
    written.add(rows)
    return out / "index.html"


def _points(number):
    return f"{number:.4g}"


def _few(items):
    """The first few of them in a sentence."""
    more = len(items) - _MOST_FILES
    return words.listing(items if more <= 0 else [*items[:_MOST_FILES], f"{more} more"])


def _first(sentences):
    """The first few sentences, and how many more there are."""
    more = len(sentences) - _MOST_LISTED
    return sentences if more <= 0 else [*sentences[:_MOST_LISTED], f"And {more} more."]


# ---- one student ---------------------------------------------------------------------------------------


def _write_page(environment, out, path, written):
    """Write a student's page; return what the tables need of the result."""
    result = grader.read(path)
    items = [_with_points(item, result["submission"], written) for item in result["items"]]
    page = f"feedback/{path.stem}.html"
    given = written.points(result["submission"], "analysis")
    text = environment.get_template("feedback.html").render(
        result=result,
        items=items,
        total=sum(item["earned"] for item in items),
        most=sum(item["points"] for item in items),
        missing=_missing(items),
        comment=written.comment(result["submission"]),
        is_read=given is not None,
    )
    files.write_whole(out / page, text)
    kept = ("submission", "student", "flags", "problems", "prints")
    return {name: result[name] for name in kept} | {
        "items": items,
        "page": page,
        "comment": written.comment(result["submission"]),
        "is_read": given is not None,
    }


def _missing(items):
    """What to do for the rest, each sentence once."""
    sentences = [check["missing"] for item in items for check in item["checks"] if check["missing"]]
    return list(dict.fromkeys(sentences))


def _with_points(item, submission, written):
    """The item with `earned` points of each check: the instructor's where given, else the computed ones."""
    checks = []
    for check in item["checks"]:
        given = written.points(submission, check["name"])
        earned = check["points"] * check["share"] if given is None else given
        checks.append(check | {"given": given, "earned": earned})
    return item | {
        "checks": checks,
        "points": sum(check["points"] for check in checks),
        "earned": sum(check["earned"] for check in checks),
    }


# ---- the class -----------------------------------------------------------------------------------------


def _total(row):
    return sum(item["earned"] for item in row["items"])


def _checks(row):
    return [check for item in row["items"] for check in item["checks"]]


def _grades(rows):
    """`grades.csv`: a row for each submission, with every check."""
    names = [check["name"] for check in _checks(rows[0])]
    columns = ["submission", "student", "points", "computed", "of", *names]
    columns += ["to look at", "missing", "comment", "page"]
    return spreadsheet.as_csv([_grades_row(row) for row in rows], columns)


def _grades_row(row):
    checks = _checks(row)
    texts = {
        "submission": row["submission"],
        "student": row["student"],
        "to look at": " ".join(_first([*row["flags"], *row["problems"]])),
        "missing": " ".join(_missing(row["items"])),
        "comment": row["comment"],
        "page": row["page"],
    }
    numbers = {check["name"]: check["earned"] for check in checks} | {
        "points": _total(row),
        "computed": sum(check["points"] * check["share"] for check in checks),
        "of": sum(check["points"] for check in checks),
    }
    cells = {name: spreadsheet.safe(text) for name, text in texts.items()}
    return cells | {name: _points(number) for name, number in numbers.items()}


def _overview(environment, rows):
    return environment.get_template("class.html").render(
        rows=[row | {"total": _total(row)} for row in rows],
        to_look_at=[row for row in rows if row["flags"] or row["problems"]],
        unread=sum(not row["is_read"] for row in rows),
        titles=[item["title"] for item in rows[0]["items"]],
        mean=float(np.mean([_total(row) for row in rows])),
        most=sum(check["points"] for check in _checks(rows[0])),
        checks=_by_check(rows),
        distribution=_distribution(rows),
    )


def _by_check(rows):
    """For each check how many earned all, some and none of its points, and the mean."""
    for checks in zip(*map(_checks, rows), strict=True):
        earned = [check["earned"] for check in checks]
        full = sum(check["earned"] >= check["points"] for check in checks)
        none = sum(check["earned"] < check["points"] and check["earned"] == 0 for check in checks)
        yield {
            "name": checks[0]["name"],
            "points": checks[0]["points"],
            "full": full,
            "none": none,
            "some": len(checks) - full - none,
            "mean": float(np.mean(earned)),
        }


@figures.style()
def _distribution(rows):
    """A histogram of the points, in ten steps."""
    most = sum(check["points"] for check in _checks(rows[0])) or 1.0
    edges = np.linspace(0, most, 11)
    counts, _ = np.histogram([_total(row) for row in rows], edges)
    figure, axes = figures.subplots(size=(5.4, 3.4))
    axes.bar(edges[:-1], counts, width=most / 10, align="edge", color="#0072b2", edgecolor="white")
    axes.set(xlabel="Points", ylabel="Submissions", xticks=edges[::2])
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(False, axis="x")
    parts = [
        f"{count} from {low:g} to {high:g}"
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
        if count
    ]
    return figures.as_html(figure, f"Number of submissions by points: {words.listing(parts)}.")
