"""The command line: arguments are checked first; TensorFlow, which takes seconds, is imported after that."""

import argparse
import pathlib
import shlex
import sys
from collections.abc import Sequence

from utils import data, errors, files, models, settings, words
from utils.experiment import seeds, variants


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m utils.experiment",
        description="Compare augmentations over paired seeds and write a report. What is not given here "
        "comes from the profile (COURSE_PROFILE=quick, photos or full) or from COURSE_<SETTING> in the "
        "environment.",
    )
    parser.add_argument(
        "--augment",
        nargs="+",
        default=["none", "basic", "cutmix", "mixup"],
        metavar="NAME",
        help=variants.known(),
    )
    parser.add_argument("--dataset", help="toy_dogs, a TFDS name, or a folder ROOT/{train,test}/CLASS/*.jpg")
    parser.add_argument("--seeds", help="how many paired seeds")
    parser.add_argument("--student", metavar="ID", help="take the seeds that follow from a student's id")
    parser.add_argument("--out", default="runs/project", metavar="DIR", help="where runs and report go")
    parser.add_argument("--shots", help="training images per class")
    parser.add_argument("--classes", help="how many of the classes, or their names: beagle,pug")
    parser.add_argument("--model", help=", ".join(models.SMALLEST_SIDES))
    parser.add_argument("--weights", help="none, imagenet, or a weights file")
    parser.add_argument("--image-size", help="side of the square images, in pixels")
    parser.add_argument("--epochs")
    parser.add_argument("--frozen-epochs", help="in the first of the epochs only the classifier learns")
    parser.add_argument("--batch-size")
    parser.add_argument("--learning-rate", help="peak of the schedule")
    parser.add_argument("--precision", help=", ".join(settings.PRECISIONS))
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=_positive,
        metavar="N",
        help="how many runs are trained at once, by default one for each core (or GPU), as memory allows",
    )
    where.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="train on the workers of a Dask scheduler, such as tcp://scheduler:8786",
    )
    return parser.parse_args(arguments)


def _order(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the arguments, with the `variants`, `settings` and `seeds` that they ask for.

    Raises:
        errors.CourseError: for what cannot be done.
    """
    order = _parsed(arguments)
    other = ("augment", "out", "student", "workers", "cluster")
    chosen = settings.load(**{name: text for name, text in vars(order).items() if name not in other})
    order.variants = [variants.parse(name) for name in dict.fromkeys(order.augment)]
    order.seeds = range(chosen.seeds)
    if order.student is not None:
        order.seeds = seeds.seeds_of(order.student, chosen.seeds)
    order.settings = chosen
    models.check(chosen.model, chosen.image_size, chosen.weights)
    data.require(chosen.dataset, chosen.classes)
    return order


def _compare(order: argparse.Namespace, said: str) -> None:
    # isort: off
    from utils import quiet  # noqa: F401  before TensorFlow
    import tensorflow as tf
    from utils import evaluation, report
    from utils.experiment import comparison, resume
    # isort: on

    report.check_place(order.out)
    tf.config.experimental.enable_op_determinism()
    chosen = order.settings
    for variant in order.variants:
        variant.build()  # settings out of range are told before data are downloaded
    shared = comparison.Comparison(chosen)
    print(
        f"{shared.size('train')} training, {shared.size('validation')} validation and "
        f"{shared.size('test')} test images of {len(shared.class_names)} classes at "
        f"{chosen.image_size} px; {chosen.epochs} epochs, {chosen.seeds} seeds.",
        flush=True,
    )
    finished = resume.run(
        shared,
        order.variants,
        order.out,
        seeds=order.seeds,
        workers=order.workers,
        cluster=order.cluster,
    )
    page = report.write(finished, order.out, shared.samples(order.variants), said)
    print(evaluation.as_text(evaluation.compare(finished)))
    print(f"Report: {page}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, 2 for bad input, 130 when interrupted."""
    words.print_anywhere()
    try:
        arguments = sys.argv[1:] if arguments is None else arguments
        order, said = _order(arguments), shlex.join(["python", "-m", "utils.experiment", *arguments])
        # The first thing that is written fails now if it must fail.
        path = pathlib.Path(order.out, "command.txt")
        files.check_own(path, "utils.experiment")
        files.write_whole(path, said + "\n")
        names = ", ".join(variant.name for variant in order.variants)
        print(f"Comparing {names} on {order.settings.dataset} with {order.settings.model}.", flush=True)
        _compare(order, said)
    except errors.CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The finished runs are kept: the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
