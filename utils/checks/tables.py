"""A check of an exercise as a table: the right answer, written once, and the usual mistakes as changes of it.

The right answer has a keyword for each clause of the task, with what is right for its default. A mistake is
another value for one of them, or for more. So the table can feed each mistake to itself (`Table.problems`).
CONTRIBUTING.md has an example.

An answer that is wrong gets the hint of the mistake that gives the same answers in all tries; else of one
that gives the same wrong value of the first fact that is wrong.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from utils.checks import harness


@dataclasses.dataclass(frozen=True)
class Try:
    """One use of the student's function.

    Attributes:
        words: what is tried, read after the function's name: ` inside of dataset.map`.
        use: takes the function, calls it once or more, and returns the answer.
    """

    words: str
    use: Callable[[Callable], Any]

    def tried(self, function: Callable) -> str:
        """What is tried, in words."""
        return f"{harness.name_of(function)}{self.words}"

    def answer(self, function: Callable) -> Any:
        """What comes back; raises as `harness.call` does."""
        return harness.call(lambda: self.use(function), tried=self.tried(function))


def given(*arguments, **keywords) -> Try:
    """The Try that calls the function with these arguments; arrays among them must come out unchanged."""

    def use(function):
        named = {name: _copied(value) for name, value in keywords.items()}
        return harness.call(function, *map(_copied, arguments), **named)

    return Try(harness.shown_arguments(*arguments, **keywords), use)


def _copied(value):
    return value.copy() if isinstance(value, np.ndarray | list) else value


@dataclasses.dataclass(frozen=True)
class _Answer:
    """What came back from a Try, and the facts in it: none where it is no answer to the task."""

    value: Any
    facts: dict[str, Any]


@dataclasses.dataclass(frozen=True, eq=False)  # one table is no other: it keeps what it has tried
class Table:
    """The check of an exercise: called with the student's function, it passes or says what is wrong.

    Attributes:
        title: the line that is printed when all is right.
        right: the right answer: the arguments of the exercise's function, then the clauses.
        tries: gives the tries, the same each time; the first that goes wrong is shown, so short ones first.
        mistakes: {hint: {clause: another value}}; a hint names the mistake and not the solution.
        form: the hint for what is no answer to the task, such as one value in place of two.
        otherwise: the hint where no mistake explains the answers.
        read: the facts in an answer, {name: value}, in the order in which they are judged; or one value. It
            may raise anything where it is no answer. Random answers have facts that do not depend on the
            draw: is it a box, how far is the label from the pixels, is it the same for the same seed.
        errors: {pattern in an error's text: hint} for the mistakes that stop with an error.
        tolerance: the largest difference of a number, absolute.
    """

    title: str
    right: Callable
    tries: Callable[[], Sequence[Try]]
    mistakes: Mapping[str, Mapping[str, Any]]
    form: str
    otherwise: str
    read: Callable[[Any], Any] = lambda answer: answer
    errors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    tolerance: float = 1e-5

    def __call__(self, function: Callable) -> None:
        """Check a function: print the title, or raise CheckFailed or ExerciseOpen."""
        self._judge(function, *self._answers(function))
        harness.passed(self.title, function)

    def problems(self) -> list[str]:
        """Sentences about what the table does not catch, or does not name; none when it is sound.

        The right answer passes; each mistake, fed back, gets its own hint, so no two give the same answers;
        each clause of the task is broken by a mistake.
        """
        clauses = _clauses(self.right)
        broken = {clause for change in self.mistakes.values() for clause in change}
        found = [f"The right answer has no clause `{clause}`." for clause in sorted(broken - clauses)]
        found += [f"No mistake breaks the clause `{clause}`." for clause in sorted(clauses - broken)]
        unshown = set(self.errors.values()) - set(self.mistakes)
        found += [f"No mistake stops with the error of “{hint}”" for hint in sorted(unshown)]
        if not all(answer.facts for answer in self._expected):
            found.append("The right answer is none to `read`.")
        said = self._said(*self._answers(self.right))
        found += [f"The right answer is refused:\n{said}"] if said else []
        for hint, change in self.mistakes.items():
            if set(change) <= clauses:
                said = self._said(*self._mistaken(hint))
                if " ".join(hint.split()) not in " ".join(said.split()):
                    found.append(f"The mistake of “{hint}” is told:\n{said or 'nothing: it passes.'}")
        return found

    def _said(self, answers, failure):
        """What is said to the one who gave these answers; nothing where they pass."""
        try:
            self._judge(self.right, answers, failure)
        except harness.CheckFailed as failure:
            return str(failure)
        return ""

    def _judge(self, function, got, failure):
        for place, (answer, expected) in enumerate(zip(got, self._expected, strict=False)):
            wrong = self._wrong(answer, expected)
            if wrong:
                name, pair = wrong[0], (answer.value, expected.value)
                is_fact = name and name in answer.facts  # else it is the only one, or there is none
                if is_fact:
                    pair = answer.facts[name], expected.facts[name]
                shown = [f"{name}: {text}" if is_fact else text for text in harness.shown_pair(*pair)]
                hint = self._hint(got, place, name)
                tried = self.tries()[place].tried(function)
                harness.fail(tried=tried, got=shown[0], expected=shown[1], hint=hint)
        if failure:
            raise harness.advised(failure, self.errors)

    @functools.cached_property
    def _expected(self):
        return self._answers(self.right)[0]

    @functools.cache  # noqa: B019  a table lives as long as the program
    def _mistaken(self, hint):
        """What the mistake with this hint answers, as `_answers`."""
        return self._answers(functools.partial(self.right, **self.mistakes[hint]))

    def _answers(self, function):
        """The answers, up to the first try that stops with an error; and that error."""
        answers = []
        for each in self.tries():
            try:
                answers.append(self._read(each.answer(function)))
            except harness.CheckFailed as failure:
                return answers, failure
        return answers, None

    def _read(self, value):
        try:
            facts = self.read(value)
        except Exception:  # a wrong answer may be anything
            return _Answer(value, {})
        return _Answer(value, facts if isinstance(facts, dict) else {"": facts})

    def _wrong(self, answer, expected):
        """The names of the facts that are not as expected."""
        return [
            name
            for name, value in expected.facts.items()
            if name not in answer.facts or not _is_close(answer.facts[name], value, self.tolerance)
        ]

    def _hint(self, got, place, name):
        """The hint for answers of which the one at `place` is wrong first, in the fact `name`."""
        partly, right = [], self._expected[place]
        for hint in self.mistakes:
            mistaken, _ = self._mistaken(hint)
            if len(mistaken) < len(got) or name not in mistaken[place].facts:
                continue
            pairs = zip(got, mistaken, strict=False)
            differing = {fact for pair in pairs for fact in self._wrong(*pair)}
            if name not in differing and name in self._wrong(mistaken[place], right):
                if not differing:
                    return hint  # at once: to try all mistakes may take long
                partly.append(hint)
        shapes = [harness.shape_of(answer.facts.get(name)) for answer in (got[place], right)]
        return [*partly, self.form if shapes[0] != shapes[1] else self.otherwise][0]


def _clauses(right):
    """The keywords of a right answer that a mistake may change: those with a default."""
    parameters = inspect.signature(right).parameters.values()
    keywords = [parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    return {keyword.name for keyword in keywords if keyword.default is not keyword.empty}


def _is_close(got, expected, tolerance):
    """Whether two values are alike: numbers within the tolerance, all else exactly."""
    shape = harness.shape_of(got)
    if shape is None or shape != harness.shape_of(expected):
        return got is expected
    first, second = np.asarray(got), np.asarray(expected)
    try:
        numbers = first.astype(np.float64), second.astype(np.float64)
    except (TypeError, ValueError):
        return np.array_equal(first, second)
    return np.allclose(*numbers, rtol=0, atol=tolerance, equal_nan=True)
