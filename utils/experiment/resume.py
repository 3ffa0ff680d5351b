"""Run what is missing of a comparison, and read again what is there."""

import math
import pathlib
from collections.abc import Callable, Iterable, Sequence

import tqdm

from utils.evaluation import Run
from utils.experiment import executors, runs, variants
from utils.experiment.comparison import Comparison
from utils.experiment.executors import Cluster, Job, Processes
from utils.experiment.seeds import checked
from utils.experiment.variants import Variant


def run(
    comparison: Comparison,
    wanted: Iterable[str | Variant],
    folder: str | pathlib.Path,
    *,
    seeds: Sequence[int] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    say: Callable[[str], None] = tqdm.tqdm.write,
) -> list[Run]:
    """Run what is missing of the comparison and return all of its runs, as `runs.read` gives them.

    Runs are trained in processes of their own, with one thread each, so that a run does not depend on how
    many there are. Interrupted, it ends them; the same call goes on with what is missing.

    Args:
        comparison: the settings and data that all runs share.
        wanted: variants or their names, each counted once; each is run with every seed.
        folder: where finished runs are written and looked for.
        seeds: by default 0, 1, … below `settings.seeds`.
        workers: how many processes; by default one for each core (or GPU) that the memory has room for.
        cluster: the address of a Dask scheduler, `tcp://scheduler:8786`, to train on its workers instead.
        say: called with each message for the user.

    Raises:
        errors.CourseError: for what cannot be done; finished runs are kept.
    """
    if isinstance(wanted, str):
        raise variants.VariantError(f"Variants stand in a list: [{wanted!r}].")
    chosen = list(dict.fromkeys(map(variants.parse, wanted)))
    for variant in chosen:
        variant.build(len(comparison.class_names))  # settings out of range are told now, not in a training
    seeds = range(comparison.settings.seeds) if seeds is None else checked(seeds)
    if workers is not None and not (isinstance(workers, int) and workers >= 1):
        raise executors.ExecutorError(f"Runs need at least one worker, not {workers!r}.")
    # Seeds outside: a comparison that is stopped early has whole pairs.
    jobs = [Job(variant, seed, comparison.identity_of(variant)) for seed in seeds for variant in chosen]
    found = {job: runs.read_finished(folder, job.variant.name, job.seed, job.identity, say) for job in jobs}
    missing = [job for job in jobs if found[job] is None]
    for job in missing:
        runs.check_place(folder, job.variant.name, job.seed, job.identity)
    _tell_of_other_runs(comparison, folder, say)
    _tell_of_other_versions([each for each in found.values() if each], say)
    say(f"{len(jobs)} runs: {len(jobs) - len(missing)} are there already, {len(missing)} to do.")
    if missing:
        with _slots(comparison, len(missing), workers, cluster) as slots:
            seconds = executors.seconds_of_a_run(comparison.settings, slots)
            total = seconds * math.ceil(len(missing) / slots.count)
            if total:
                say(f"About {_duration(total)}: a run takes {_duration(seconds)}, {slots.count} at a time.")
            for job, finished, weights in _computed(comparison, missing, slots):
                found[job] = runs.read(runs.write(folder, finished, weights))
    return list(found.values())


def _slots(
    comparison: Comparison, jobs: int, workers: int | None, cluster: str | None
) -> Processes | Cluster:
    from utils.quiet import tf

    if cluster is not None:
        return Cluster(cluster, jobs)
    gpus = len(tf.config.list_physical_devices("GPU"))
    count = workers or (min(jobs, gpus) if gpus else executors.fitting(comparison.settings, jobs))
    return Processes(min(count, jobs), gpus)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"


def _computed(comparison, jobs, slots):
    """Yield what `executors.compute` does, under one progress bar over all epochs."""
    epochs = comparison.settings.epochs
    with tqdm.tqdm(total=len(jobs) * epochs, unit="epoch", smoothing=0.05) as bar:

        def show():
            done = sum(job.epochs == epochs for job in jobs)
            bar.set_postfix_str(f"{done} of {len(jobs)} runs", refresh=False)
            bar.update(sum(job.epochs for job in jobs) - bar.n)

        yield from executors.compute(comparison.settings, jobs, slots, show)
        show()


def _tell_of_other_runs(
    comparison: Comparison, folder: str | pathlib.Path, say: Callable[[str], None]
) -> None:
    """Say how many runs in the folder belong to other settings, data or recipes."""
    own = runs.parts(comparison.identity)
    others = [runs.parts(each) for each in runs.identities(folder)]
    others = [each for each in others if any(each.get(part) != own[part] for part in own)]
    differing = [part for part in own if any(each.get(part) != own[part] for each in others)]
    if others:
        say(
            f"{len(others)} runs in {folder} have other {' and '.join(differing)}: "
            "they are left alone and not used."
        )


def _tell_of_other_versions(finished: Iterable[Run], say: Callable[[str], None]) -> None:
    """Say which library versions differ from today's in runs that are used again."""
    today = runs.versions()
    differing = {
        f"{library} {version} (now {today.get(library)})"
        for each in finished
        for library, version in each.versions.items()
        if version != today.get(library)
    }
    if differing:
        say(f"Runs made with other versions are used again: {', '.join(sorted(differing))}.")
