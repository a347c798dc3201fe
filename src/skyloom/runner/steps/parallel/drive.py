"""The driver: hands mini-batches to workers, tries failed ones again, and writes what they return."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import Any, Dict, List, Optional, Tuple

from skyloom.runner.steps.parallel.batches import Batch, batches_of
from skyloom.runner.steps.parallel.part import PART_FILE, part_of
from skyloom.runner.steps.parallel.process import Process
from skyloom.runner.steps.parallel.settings import Settings, settings_from, why_too_much
from skyloom.runner.steps.parallel.worker import Done, Work
from skyloom.runner.steps.words import split_words


class ParallelRunError(Exception):
    """The step failed; the message has the last trace."""


def main() -> None:
    """Carry out the step that the process's words describe."""
    options, script = split_words(sys.argv[1:])
    part = part_of(os.environ)
    if part is not None:
        options["node_count"] = ["1"]
    settings = settings_from(options, script)
    batches = batches_of(settings, _known_datasets())
    total = len(batches)
    if part is not None:
        batches = [one for one in batches if one.number % part.of == part.number]
        if total and not batches:
            PartBook(settings, total).close()
            print("There are fewer mini-batches than nodes: none is left for this one.")
            return
    if not batches:
        names = ", ".join(name for name, _ in settings.inputs)
        raise ParallelRunError(f"There is nothing to do: no file and no row in the inputs {names}.")
    print(f"{len(batches)} mini-batches for up to {settings.workers} workers.", flush=True)
    if settings.output:
        os.makedirs(settings.output, exist_ok=True)
    book = Book(settings, total) if part is None else PartBook(settings, total)
    try:
        Crew(settings, batches, book).work()
    finally:
        book.close()
    book.check_end()


def _known_datasets() -> Dict[str, Any]:
    """Inputs that the run knows as datasets."""
    if not os.environ.get("AZUREML_DATASET_ENVIRONMENT_VARS"):
        return {}
    from azureml.core import Run  # in a step the runner answers this import

    return dict(Run.get_context().input_datasets)


class Book:
    """Counts what succeeded and failed, and writes the results in the order of the mini-batches."""

    def __init__(self, settings: Settings, total: int) -> None:
        self._settings = settings
        self._total = total
        self._waiting: Dict[int, List[str]] = {}
        self._next = 0
        self.successes = 0
        self.failed_items = 0
        self.failed_batches = 0
        self.last_trace = ""
        self._file: Optional[Any] = self._opened()

    def _opened(self) -> Optional[Any]:
        settings = self._settings
        if not settings.output or settings.output_action != "append_row":
            return None
        path = os.path.join(settings.output, settings.append_row_file_name)
        return open(path, "w", encoding="utf-8", errors="surrogateescape")

    def enter(self, batch: Batch, done: Done, tries: int) -> None:
        """One mini-batch has come to its end, well or badly."""
        if done.trace:
            self.failed_batches += 1
            self.last_trace = done.trace
        self.successes += done.successes
        self.failed_items += _failed_items(batch, done)
        word = "failed" if done.trace else "done"
        again = f" after {tries} tries" if tries > 1 else ""
        print(f"Mini-batch {batch.number + 1} of {self._total} {word}{again}: "
              f"{done.successes} of {batch.size} items.", flush=True)  # fmt: skip
        self._keep(batch, done)

    def _keep(self, batch: Batch, done: Done) -> None:
        """Write lines in the order of the mini-batches."""
        self._waiting[batch.number] = done.lines
        while self._next in self._waiting:
            for line in self._waiting.pop(self._next):
                if self._file is not None:
                    self._file.write(line + "\n")
            self._next += 1

    @property
    def too_much(self) -> str:
        """Why the step is to be given up, or nothing."""
        return why_too_much(self._settings, self.failed_items, self.failed_batches, self._total)

    def check_end(self) -> None:
        """Raise when too much failed, or nothing succeeded."""
        why = self.too_much or ("" if self.successes else "No item of any mini-batch succeeded.")
        if why:
            raise ParallelRunError(f"{why}\n{self.last_trace}".strip())
        print(f"All mini-batches are done: {self.successes} items succeeded, {self.failed_items} failed.")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class PartBook(Book):
    """Of one node of several: what came of each mini-batch is told, and whoever started us sums it up."""

    def _opened(self) -> Optional[Any]:
        file = open(PART_FILE, "w", encoding="utf-8")
        file.write(json.dumps({"batches": self._total}) + "\n")
        return file

    def _keep(self, batch: Batch, done: Done) -> None:
        assert self._file is not None
        failed = _failed_items(batch, done)
        told = {"number": batch.number, "successes": done.successes, "failed_items": failed}
        self._file.write(json.dumps({**told, "trace": done.trace, "lines": done.lines}) + "\n")
        self._file.flush()

    def check_end(self) -> None:
        """Raise when this part alone is too much."""
        if self.too_much:
            raise ParallelRunError(f"{self.too_much}\n{self.last_trace}".strip())
        print(f"All mini-batches of this node are done: {self.successes} items succeeded.")


def _failed_items(batch: Batch, done: Done) -> int:
    """Each element of a result is one success; a partition, which is often summed up, needs only one."""
    if batch.keys is not None and not done.trace and done.successes:
        return 0
    return max(0, batch.size - done.successes)


class Crew:
    """The workers, each held by one thread."""

    def __init__(self, settings: Settings, batches: List[Batch], book: Book) -> None:
        self._settings = settings
        self._book = book
        self._lock = threading.Lock()
        self._todo: queue.Queue[Tuple[Batch, int]] = queue.Queue()  # with the tries so far
        for batch in batches:
            self._todo.put((batch, 0))
        self._open = len(batches)
        self._count = min(settings.workers, len(batches))
        self._numbers = iter(range(1 << 30))
        self._fatal = ""

    def work(self) -> None:
        """Until every mini-batch has ended, or too many failed."""
        threads = [threading.Thread(target=self._one, daemon=True) for _ in range(self._count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._fatal:
            raise ParallelRunError(self._fatal)

    def _one(self) -> None:
        process: Optional[Process] = None
        try:
            while not self._is_over():
                try:
                    batch, tries = self._todo.get(timeout=0.05)
                except queue.Empty:
                    continue
                if process is None or not process.is_alive:
                    process = self._started()
                    if process is None:
                        return
                work = Work(batch.number, batch.data, batch.size, batch.keys)
                self._end_of(batch, tries + 1, process.ask(work, self._settings.timeout_s))
        finally:
            if process is not None:
                process.end() if not self._fatal and not self._book.too_much else process.kill()

    def _started(self) -> Optional[Process]:
        with self._lock:
            number = next(self._numbers)
        process = Process(self._settings, number)
        begun = process.begin()
        if not begun.trace:
            return process
        process.end()
        with self._lock:
            self._fatal = self._fatal or f"init() of '{self._settings.entry_script}' failed.\n{begun.trace}"
        return None

    def _end_of(self, batch: Batch, tries: int, done: Done) -> None:
        with self._lock:
            if done.trace and tries < self._settings.max_try:
                print(f"Mini-batch {batch.number + 1} failed and is tried again:\n{done.trace}", flush=True)
                self._todo.put((batch, tries))
                return
            if done.trace:
                print(done.trace, file=sys.stderr, flush=True)
            self._book.enter(batch, done, tries)
            self._open -= 1

    def _is_over(self) -> bool:
        with self._lock:
            return self._open == 0 or bool(self._fatal) or bool(self._book.too_much)
