# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the scenarios: each contender once a round, then again, and proof that each has done its work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench import costs
from bench.api_server import ApiServer, Stored
from bench.contenders import Contender, Job, clock, environment
from bench.costs import RunFailed
from bench.progress import Progress
from bench.work import BRIEF, CYCLE, Operation, Sample, Scenario, Shape

Measure = Callable[[Contender, Scenario], Iterator[Sample]]

# Before a change, after it, and what somebody else has written in between.
_PASSWORDS = ("first-password", "second-password", "password-of-somebody-else")


@dataclass
class Rounds:
    """Runs scenarios on an API server.

    A contender that fails once is left out of all further scenarios of that shape; ``failures`` says why.

    A contender that takes longer than ``retry_budget`` seconds for a round is measured once in that scenario.
    """

    api_server: ApiServer
    contenders: Sequence[Contender]
    rounds: int
    threads: int
    retry_budget: float
    progress: Progress
    samples: list[Sample] = field(default_factory=list)
    failures: dict[tuple[str, Shape], str] = field(default_factory=dict)

    def warm_up(self) -> None:
        """Let everybody do all of it once in one namespace, unmeasured: bytecode, and the caches of the server.

        For scenarios other than the fan-out their preparation does as much.
        """
        scenario = Scenario("fan-out", 1, CYCLE)
        self.api_server.grow(1)
        for contender in self._willing(scenario):
            self._guarded(contender, scenario, f"Warm-up: {contender.name}", self._cycle)

    def steps(self, scenario: Scenario) -> int:
        """How often `run()` will report progress, at most."""
        return len(self._willing(scenario)) * (self.rounds + (scenario.shape != "fan-out"))

    def run(self, scenario: Scenario) -> None:
        self.api_server.grow(scenario.size)
        willing = self._willing(scenario)
        measure = self._cycle if scenario.shape == "fan-out" else self._repeat
        if scenario.shape == "fan-out":
            for contender in self.contenders:
                self.api_server.delete(self._secret(contender))
        else:
            for contender in willing:
                self._guarded(contender, scenario, f"{scenario.title}: preparing {contender.name}", self._prepare)
        slow: set[str] = set()
        for number in range(1, self.rounds + 1):
            for contender in willing:
                if contender.name in slow:
                    self.progress.skip()
                    continue
                begin = time.monotonic()
                title = f"{scenario.title}: round {number} of {self.rounds}, {contender.name}"
                self._guarded(contender, scenario, title, measure, self.samples)
                if time.monotonic() - begin > self.retry_budget:
                    slow.add(contender.name)

    def _willing(self, scenario: Scenario) -> list[Contender]:
        return [each for each in self.contenders if each.runs(scenario) and scenario.size <= each.largest]

    def _guarded(
        self,
        contender: Contender,
        scenario: Scenario,
        title: str,
        measure: Measure,
        samples: list[Sample] | None = None,
    ) -> None:
        """Add what is measured to the samples, until the contender fails if it does."""
        if (contender.name, scenario.shape) in self.failures:
            self.progress.skip()
            return
        self.progress.begin(title)
        try:
            for sample in measure(contender, scenario):
                self.progress.add(f"{sample.operation} {sample.wall:.2f} s")
                if samples is not None:
                    samples.append(sample)
        except RunFailed as error:
            self.failures[contender.name, scenario.shape] = f"{scenario.title}: {error}"
            self.progress.add(f"FAILED: {error}")
        self.progress.end()

    def _cycle(self, contender: Contender, scenario: Scenario) -> Iterator[Sample]:
        """Every operation, one after the other, from nothing to nothing."""
        self.api_server.delete(self._secret(contender))
        for operation in scenario.operations:
            if scenario.size < contender.briefly_from or operation in BRIEF:
                yield self._measure(contender, scenario, operation)
        self.api_server.delete(self._secret(contender))

    def _prepare(self, contender: Contender, scenario: Scenario) -> Iterator[Sample]:
        """Everybody makes the Secrets in which there shall be nothing to do; one scenario may find those of another."""
        if len(self.api_server.stored(self._secret(contender))) < scenario.size:
            self.api_server.delete(self._secret(contender))
            yield self._measure(contender, scenario, "create")

    def _repeat(self, contender: Contender, scenario: Scenario) -> Iterator[Sample]:
        """Operations that find and leave everything as it should be."""
        for operation in scenario.operations:
            yield self._measure(contender, scenario, operation)

    def _secret(self, contender: Contender) -> str:
        return self.api_server.identity(f"bench-{contender.name}").name

    def _measure(self, contender: Contender, scenario: Scenario, operation: Operation) -> Sample:
        password = _PASSWORDS[operation in ("check", "change all")]
        identity = self.api_server.identity(f"bench-{contender.name}")
        job = Job(scenario, operation, password, self.api_server, identity, self.threads)
        if operation == "change one" and contender.writes:
            self.api_server.drift(job.secret, _PASSWORDS[2])
        before = self.api_server.stored(job.secret)
        command = contender.command(job)
        clock(job).unlink(missing_ok=True)
        self.api_server.mark()
        cost = costs.run(command, environment=environment(job), directory=identity)
        asked = self.api_server.asked(identity.name)
        if contender.writes:
            prove(job, before, self.api_server.stored(job.secret))
        seconds = float(clock(job).read_text()) if clock(job).exists() else None
        return Sample(
            scenario=scenario,
            operation=operation,
            contender=contender.name,
            wall=cost.wall,
            cpu=cost.cpu,
            memory=cost.memory,
            clock=seconds,
            requests=asked.verbs,
            pages=asked.pages,
        )


def prove(job: Job, before: dict[str, Stored], after: dict[str, Stored]) -> None:
    """Raise RunFailed unless exactly what the operation says has changed."""
    expected = {
        "create": len(job.namespaces),
        "no-op": 0,
        "change one": 1,
        "check": 0,
        "change all": len(job.namespaces),
    }
    changed = sum(before.get(namespace) != secret for namespace, secret in after.items())
    wanted = _PASSWORDS[0] if job.operation == "check" else job.password
    right = sum(after[namespace].password == wanted for namespace in job.namespaces if namespace in after)
    if changed != expected[job.operation] or right != len(job.namespaces):
        raise RunFailed(
            f"{job.operation} in {len(job.namespaces)} namespaces changed {changed} Secrets instead of "
            f"{expected[job.operation]}, and {right} of them are as they should be."
        )
