import dataclasses
import math
import re
import xml.etree.ElementTree

import IPython.core.interactiveshell
import IPython.utils.capture
import matplotlib.figure
import nbconvert
import nbformat
import numpy as np
import pandas as pd
import pytest
from html_page import Page

from utils import charts, evaluation, figures, files, report, words
from utils.report import conclusions

SETTINGS = {"dataset": "toy_dogs", "model": "small_resnet", "image_size": 48, "epochs": 4, "seeds": 3}


def run(variant, seed, share, *, classes=4, images=80, names=None, **changes):
    """A run that gets about `share` of the test images right, the same ones for the same seed."""
    labels = np.arange(images) % classes
    right = np.random.default_rng(seed).random(images) < share
    probabilities = np.full((images, classes), 0.2 / (classes - 1), np.float32)
    probabilities[np.arange(images), np.where(right, labels, (labels + 1) % classes)] = 0.8
    history = [
        {"epoch": epoch, "train_loss": 2 / epoch, "validation_accuracy": share * epoch / 4, "seconds": 1.5}
        for epoch in (1, 2, 3, 4)
    ]
    made = evaluation.Run(
        augmentation=variant,
        seed=seed,
        class_names=names or [f"breed {number}" for number in range(classes)],
        history=history,
        validation_accuracy=share,
        probabilities=probabilities,
        labels=labels,
        settings=SETTINGS,
        versions={"python": "3.11.7", "tensorflow": "2.21.0"},
        predictions=f"{variant}-seed{seed}.predictions.npz",
    )
    return dataclasses.replace(made, **changes)


def runs_of(shares, seeds=3, **options):
    return [
        run(variant, seed, share + 0.02 * seed * place, **options)
        for seed in range(seeds)
        for place, (variant, share) in enumerate(shares.items())
    ]


def samples_of(variants, classes=4):
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    labels = np.eye(classes)[[0, 1, 2]]
    mixed = 0.62 * labels + 0.38 * labels[[1, 2, 0]]
    made = {name: {"images": images, "labels": mixed if "mix" in name else labels} for name in variants}
    return made | {"original": {"images": images, "labels": labels}}


@pytest.fixture(scope="module")
def rendered():
    runs = runs_of({"none": 0.5, "basic": 0.7, "cutmix": 0.55})
    return report.render(runs, samples_of(["none", "basic", "cutmix"]), "make project")


def test_a_report_replaces_a_former_one_and_nothing_else(tmp_path):
    runs = [run("none", 0, 0.5)]
    for _ in range(2):
        report.write(runs, tmp_path, {}, "make project")
    (tmp_path / "history.csv").write_text("Year,Event\n1066,Hastings\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(files.WriteError, match=r"history\.csv is there already and was not written by"):
        report.write(runs, tmp_path, {}, "make project")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_odd_names_of_classes_end_up_in_every_table(tmp_path):
    names = ["<b>$x", "e\N{COMBINING ACUTE ACCENT}t\xe9", "a\x1b\0b", "\uac15"]
    runs = runs_of({"none": 0.5, "basic": 0.7}, seeds=1, names=names)
    page = report.write(runs, tmp_path, samples_of(["none", "basic"]), "python \udcff")
    assert r"python \udcff" in page.read_text(encoding="utf-8")
    assert names[1] in (tmp_path / "per_class.csv").read_text(encoding="utf-8")


# figures


@pytest.mark.parametrize("alt", ["", "  ", "A plot", None, 3, "only three words"])
def test_a_figure_needs_alt_text(alt):
    figure, _ = figures.subplots()
    with pytest.raises(ValueError, match="needs alt text"):
        figures.as_html(figure, alt)
    with pytest.raises(ValueError, match="needs alt text"):
        figures.show(figure, alt)


def shown(alt):
    """What a notebook keeps of a figure."""
    IPython.core.interactiveshell.InteractiveShell.instance()
    figure, axes = figures.subplots()
    axes.plot([0, 1])
    with IPython.utils.capture.capture_output() as captured:
        figures.show(figure, alt)
    (output,) = captured.outputs
    return output


def test_alt_text_stays_with_the_picture_in_a_notebook():
    output = shown("A line\n rises from 0 to 1.")
    assert output.metadata == {"image/png": {"alt": "A line rises from 0 to 1."}}
    assert output.data["text/plain"] == "A line rises from 0 to 1."
    assert output.data["image/png"].startswith("iVBORw0KGgo")  # a PNG in base64


def test_alt_text_reaches_a_page_made_from_the_notebook():
    output = shown("A line rises from 0 to 1.")
    kept = nbformat.v4.new_output("display_data", data=output.data, metadata=output.metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[kept])])
    page, _ = nbconvert.HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert Page(page).all("img")[0]["alt"] == "A line rises from 0 to 1."


def test_a_shown_figure_is_closed():
    from matplotlib import pyplot  # as a lesson may use it

    figure, _ = pyplot.subplots()
    assert figure.number in pyplot.get_fignums()
    figures.as_html(figure, "Empty axes from zero to one.")
    assert figure.number not in pyplot.get_fignums()


def test_alt_text_is_escaped():
    picture = figures.as_html(figures.subplots()[0], 'Four words of "><script>alert(1)</script>')
    assert "<script>" not in picture
    assert Page(picture).all("img")[0]["alt"] == 'Four words of "><script>alert(1)</script>'


def test_svg_is_well_formed_and_always_the_same():
    def picture():
        figure, axes = figures.subplots()
        axes.plot([1, 2], label="a <b> & -- c")
        axes.legend()
        return figures._render(figure, "svg")

    assert xml.etree.ElementTree.fromstring(picture()).tag.endswith("svg")
    assert picture() == picture()


@pytest.mark.parametrize("kind", ["svg", "png", "webp"])
def test_kinds_of_pictures(kind):
    source = Page(figures.as_html(figures.subplots()[0], "Empty axes, zero to one.", kind)).all("img")[0][
        "src"
    ]
    assert re.match(rf"data:image/{kind}(\+xml)?;base64,", source)


def test_a_variant_has_one_color_and_one_marker():
    assert len(set(figures.COLORS.values())) == len(set(figures.MARKERS.values())) == len(figures.COLORS)
    assert figures.color("cutmix") == "#d55e00"
    assert figures.color("an own one") == figures.color("an own one") != figures.color("none")


# charts


def test_a_chart_says_what_is_to_be_seen():
    runs = runs_of({"none": 0.5, "basic": 0.8})
    accuracy = evaluation.compare(runs).set_index("variant")["test_accuracy"]
    alt = charts.accuracy(runs)[1]
    assert f"basic {100 * accuracy['basic']:.1f} % and “none” {100 * accuracy['none']:.1f} %" in alt
    assert "basic +" in charts.difference(runs)[1] and "better" in charts.difference(runs)[1]
    assert "“none” 2.00 to 0.50" in charts.learning_curves(runs, "train_loss")[1]


def test_a_diverged_run_has_no_end():
    broken = run("mixup", 0, 0.5)
    for epoch in broken.history[2:]:
        epoch["train_loss"] = math.nan
    alt = charts.learning_curves([run("none", 0, 0.5), broken], "train_loss")[1]
    assert "mixup has no finite value at the end" in alt and "“none” 2.00 to 0.50" in alt


def test_histories_of_different_length():
    short = run("basic", 0, 0.5)
    short = dataclasses.replace(short, history=short.history[:2])
    figure, alt = charts.learning_curves([run("none", 0, 0.5), short, run("basic", 1, 0.5)], "train_loss")
    assert "basic has no finite value at the end" in alt  # no mean over both where one is missing
    assert figures.as_html(figure, alt)


def test_of_120_classes_the_most_changed_are_drawn():
    runs = runs_of({"none": 0.3, "basic": 0.5}, classes=120, images=1200)
    figure, alt = charts.class_changes(runs, "basic")
    table = evaluation.compare_classes(runs).sort_values("difference_points", kind="stable")
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    names = list(table["class_name"])
    assert shown == names[:12] + names[-12:]
    assert figure.get_size_inches()[1] < 8
    assert "24 classes that change most" in alt and names[0] in alt and names[-1] in alt


def test_an_interval_beyond_what_is_possible_stays_inside():
    runs = [run("none", seed, 0.5) for seed in (0, 1)]
    runs += [run("basic", 0, 0.1), run("basic", 1, 0.9)]  # t with one degree of freedom: ± hundreds of points
    low, high = charts.difference(runs)[0].axes[0].get_xlim()
    assert -105 <= low < high <= 105


def test_label_text():
    names = ["biscuit", "caramel", "n02085620-Staffordshire_bullterrier"]
    assert charts.label_text([1, 0, 0], names) == "biscuit"
    assert charts.label_text([0.38, 0.62, 0], names) == "0.62 caramel\n+0.38 biscuit"
    assert charts.label_text([0, 0, 1], names) == "Staffordshir…"
    assert charts.label_text([1, 0, 0], ["$a$", "b", "c"]) == r"\$a\$"


def test_calibration_says_who_is_too_sure():
    sure = run("none", 0, 0.4)  # confidence .8, right in about 40 %
    gap = 80 - 100 * evaluation.top1(sure.probabilities, sure.labels)
    assert f"“none” is {gap:.0f} points surer than it is right" in charts.calibration([sure])[1]


# words


def conclusion(runs):
    return " ".join(conclusions.conclusion(evaluation.compare(runs), images=80))


def test_numbers_in_words():
    assert words.percent(0.7312) == "73.1 %"
    assert [words.signed(value) for value in (8.13, -8.13, 0.04, -0.04)] == ["+8.1", "−8.1", "0.0", "0.0"]
    assert words.percent(math.nan) == words.signed(math.nan) == words.interval(math.nan, math.nan) == "–"
    assert [words.count(number, "class") for number in (1, 3, 12)] == [
        "one class",
        "three classes",
        "12 classes",
    ]
    assert [words.listing(items) for items in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]


def test_a_clear_gain_in_words():
    runs = runs_of({"none": 0.4, "basic": 0.8})
    row = evaluation.compare(runs).iloc[1]
    text = conclusion(runs)
    assert text.startswith("basic has the best accuracy on the validation images")
    assert f"{words.signed(row['difference_points'])} percentage points" in text
    assert f"{words.signed(row['difference_percent'])} percent" in text
    assert words.interval(row["low_points"], row["high_points"]) in text
    assert words.interval(row["bootstrap_low_points"], row["bootstrap_high_points"]) in text
    assert "above zero: better" in text
    assert "Three seeds make this indicative" in text


def test_five_seeds_are_firm():
    assert "indicative" not in conclusion(runs_of({"none": 0.4, "basic": 0.8}, seeds=5))


def test_no_clear_difference_in_words():
    runs = [run("none", seed, 0.5) for seed in range(3)]
    runs += [run("basic", seed, share) for seed, share in enumerate((0.4, 0.5, 0.65))]
    assert "Zero lies inside: no clear difference" in conclusion(runs)
    limits = " ".join(conclusions.limits(evaluation.compare(runs), SETTINGS))
    assert "is not “no difference”" in limits


def test_a_loss_in_words():
    runs = runs_of({"none": 0.8, "basic": 0.5})
    # the best on validation may be the worst on test
    runs = [dataclasses.replace(each, validation_accuracy=1 - each.validation_accuracy) for each in runs]
    assert "All of it lies below zero: worse" in conclusion(runs)


def test_the_baseline_may_be_best():
    text = conclusion(runs_of({"none": 0.8, "basic": 0.5}))
    assert "no augmentation is chosen" in text
    assert "The best augmentation on validation is basic. On the 80 test images" in text
    assert "below zero: worse" in text and "make this indicative" in text


def test_one_run_cannot_tell():
    text = conclusion(runs_of({"none": 0.4, "basic": 0.8}, seeds=1))
    assert "one run cannot tell" in text and "95 %" not in text


def test_the_same_difference_in_every_seed_is_not_certainty():
    runs = [
        run(variant, seed, 1.0 if variant == "basic" else 0.0)
        for variant in ("none", "basic")
        for seed in range(3)
    ]
    text = conclusion(runs)
    assert "no spread to judge by" in text and "better" not in text


def test_a_perfect_baseline():
    runs = [run(variant, seed, 1.0) for variant in ("none", "basic") for seed in range(3)]
    assert "no augmentation is chosen" in conclusion(runs)
    row = evaluation.compare(runs).iloc[1]
    assert row["difference_points"] == 0 and row["verdict"] == evaluation.NO_CLEAR_DIFFERENCE


def test_a_baseline_that_is_always_wrong_has_no_percent():
    text = conclusion([run("none", 0, 0.0), run("basic", 0, 0.5)])
    assert "percentage points." in text and "percent of" not in text


def test_without_validation_nothing_is_chosen():
    runs = [run(variant, 0, 0.5, validation_accuracy=math.nan) for variant in ("none", "basic")]
    assert "nothing can be chosen" in conclusion(runs)


def test_nothing_to_compare():
    assert (
        conclusion([run("none", 0, 0.5)]) == "Only “none” was run: there is nothing to compare it with yet."
    )
    assert "no run of “none”" in conclusion([run("basic", 0, 0.5)])


def test_a_test_split_that_may_say_otherwise():
    table = evaluation.compare(runs_of({"none": 0.4, "basic": 0.8}))
    assert "otherwise" not in " ".join(conclusions.conclusion(table, images=80))
    table.loc[1, "bootstrap_low_points"] = -1.0
    assert "another test split may say otherwise" in " ".join(conclusions.conclusion(table, images=80))


def test_many_comparisons_are_a_limit():
    runs = runs_of({"none": 0.4, "basic": 0.8, "cutmix": 0.5, "mixup": 0.6})
    assert "up to 14 %" in " ".join(conclusions.limits(evaluation.compare(runs), SETTINGS))  # 1 - .95³


# the page


def test_the_page_stands_alone(rendered):
    page = Page(rendered)
    sources = [
        value for _, attributes in page.tags for key, value in attributes.items() if key in ("src", "href")
    ]
    assert sources and all(source.startswith("data:image/") for source in sources)
    assert not page.all("script") and not page.all("link")
    assert not re.search(r"url\(|@import", rendered)


def test_the_page_is_accessible(rendered):
    page = Page(rendered)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("img")) == 10 and all(len(image["alt"].split()) >= 8 for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) == 2
    assert all("scope" in attributes for attributes in page.all("th"))
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(headings, headings[1:], strict=False))
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    named = {attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes}
    assert len(set(identities)) == len(identities) and named <= set(identities)


def test_the_page_tells_the_result(rendered):
    runs = runs_of({"none": 0.5, "basic": 0.7, "cutmix": 0.55})
    text = Page(rendered).text
    assert conclusion(runs) in text
    assert "make project" in text and "2.21.0" in text and "small_resnet" in text
    assert "0.62 breed 0 + 0.38 breed 1" in Page(rendered).all("img")[3]["alt"]
    assert "nan" not in text and "None" not in text and "differ between runs" not in text


def test_the_same_runs_give_the_same_page():
    runs = runs_of({"basic": 0.5}, seeds=1)
    first, second = (report.render(runs, samples_of(["basic"]), "make project") for _ in range(2))
    assert first == second


def test_everything_is_escaped():
    evil = "<script>alert(1)</script>"
    settings = SETTINGS | {"dataset": evil, "model": evil}
    runs = [
        run(variant, 0, 0.5, names=[evil, "$x$", "&amp;", "it's"], settings=settings, versions={evil: evil})
        for variant in ("none", evil)
    ]
    page = report.render(runs, samples_of([evil]), evil)
    assert "<script" not in page
    assert Page(page).text.count("alert(1)") >= 8


EDGES = {
    "one variant": [run("none", 0, 0.5)],
    "no baseline": runs_of({"basic": 0.5, "mixup": 0.6}, seeds=2),
    "one seed": runs_of({"none": 0.5, "basic": 0.6}, seeds=1),
    "unequal seeds": [*runs_of({"none": 0.5, "basic": 0.6}, seeds=2), run("basic", 7, 0.5)],
    "no history": [run("none", 0, 0.5, history=[]), run("basic", 0, 0.5, history=[])],
    "diverged": [
        run("none", 0, 0.5),
        run(
            "basic",
            0,
            0.5,
            probabilities=np.full((80, 4), np.nan, np.float32),
            validation_accuracy=math.nan,
            history=[{"epoch": 1, "train_loss": math.nan, "validation_accuracy": None, "seconds": 1.0}],
        ),
    ],
}


@pytest.mark.parametrize("name", EDGES)
def test_odd_sets_of_runs_give_a_page(name):
    text = Page(report.render(EDGES[name], {}, "make project")).text
    assert "In words" in text and "nan" not in text
    expected = {
        "one variant": "nothing to compare it with yet",
        "no baseline": "no run of “none”",
        "one seed": "one run cannot tell",
        "unequal seeds": "basic ran with three seeds. It forms two pairs with “none”",
        "no history": "In words",
        "diverged": "basic, seed 0, diverged",
    }
    assert expected[name] in text


def test_differing_settings_and_versions_are_reported():
    runs = runs_of({"none": 0.5, "basic": 0.6}, seeds=2)
    other = {"versions": {"tensorflow": "2.20.0"}, "settings": SETTINGS | {"epochs": 9, "seeds": 5}}
    runs[0] = dataclasses.replace(runs[0], **other)
    text = Page(report.render(runs, {}, "make project")).text
    assert "epochs is 9 (none, seed 0) and 4 (basic, seed 0; none, seed 1; basic, seed 1)" in text
    assert "tensorflow is 2.20.0 (none, seed 0) and 2.21.0" in text
    assert "seeds is" not in text


@pytest.mark.parametrize("folder", ["/data/anna/photos", "D:\\data\\anna\\photos\\"])
def test_a_folder_is_shown_by_its_name(folder):
    page = report.render([run("none", 0, 0.5, settings=SETTINGS | {"dataset": folder})], {}, "make project")
    assert "<dt>dataset</dt><dd>photos</dd>" in page and "anna" not in page


def test_the_tables_hold_the_numbers(tmp_path):
    runs = runs_of({"none": 0.5, "basic": 0.7}, seeds=2)
    page = report.write(runs, tmp_path / "new", {}, "make project")
    assert page == tmp_path / "new" / "report.html" and "<h1>" in page.read_text(encoding="utf-8")
    tables = {path.name: pd.read_csv(path) for path in page.parent.glob("*.csv")}
    assert sorted(tables) == ["comparison.csv", "history.csv", "per_class.csv", "runs.csv"]
    assert [len(tables[name]) for name in sorted(tables)] == [2, 16, 4, 4]
    pd.testing.assert_series_equal(
        tables["runs.csv"].groupby("augmentation")["test_accuracy"].mean(),
        tables["comparison.csv"].set_index("variant")["test_accuracy"].sort_index(),
        check_names=False,
    )


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(files.WriteError):
        report.write([run("none", 0, 0.5)], tmp_path / "file", {}, "make project")


def test_runs_that_cannot_be_compared_leave_no_files(tmp_path):
    with pytest.raises(ValueError, match="two runs of none"):
        report.write([run("none", 0, 0.5)] * 2, tmp_path, {}, "make project")
    assert not list(tmp_path.iterdir())


def test_a_chart_is_a_figure_of_its_own():
    assert isinstance(charts.cost([run("none", 0, 0.5)])[0], matplotlib.figure.Figure)
    assert charts.cost([run("none", 0, 0.5, history=[])]) is None
