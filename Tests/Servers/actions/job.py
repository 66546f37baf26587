"""One run of a workflow: its steps, for real, in a folder of its own, as GitHub's runner does them.

Only what the shipped job files use: `run:` steps with `bash`, `actions/checkout`, `if: failure()`, variables of workflow,
job and step with `${{ inputs.NAME }}`, GITHUB_ENV, GITHUB_EVENT_PATH, `::add-mask::`.
"""
from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Any

INPUT = re.compile(r"\$\{\{\s*inputs\.(\w+)\s*\}\}")
KEPT = ("PATH", "HOME", "LANG")
STEP_LIMIT = 300


class Unknown(Exception):
    """The workflow uses what is not played here."""


@dataclass
class Step:
    name: str
    status: str = "queued"
    conclusion: str | None = None
    log: str = ""


@dataclass
class Job:
    """`left_out`: names of steps that are not run, such as the one that installs packages."""

    workflow: dict[str, Any]
    inputs: dict[str, str]
    repository: pathlib.Path
    folder: pathlib.Path
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.name, self.text), = self.workflow["jobs"].items()
        self.steps = [Step(step.get("name") or step.get("uses", "step")) for step in self.text["steps"]]
        self.masks: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.cancelled = threading.Event()
        # PyYAML reads the key `on` as true, by the rules of YAML 1.1.
        declared = self.workflow[True]["workflow_dispatch"]["inputs"]
        unknown = set(self.inputs) - set(declared)
        if unknown:
            raise Unknown(f"Unexpected inputs provided: {sorted(unknown)}")
        self.title = self._with_inputs(self.workflow["run-name"])

    def run(self) -> str:
        """Every step in turn; `success`, `failure` or `cancelled`."""
        workspace, temporary = self.folder / "work", self.folder / "temp"
        workspace.mkdir(parents=True)
        temporary.mkdir()
        (self.folder / "event.json").write_text(json.dumps({"inputs": self.inputs}))
        (self.folder / "env").touch()
        failed = False
        for step, text in zip(self.steps, self.text["steps"]):
            condition = text.get("if", "success()")
            if condition not in ("success()", "failure()", "always()"):
                raise Unknown(f"if: {condition}")
            wanted = condition == "always()" or (condition == "failure()") == failed
            if self.cancelled.is_set() or not wanted or step.name in self.left_out:
                step.status, step.conclusion = "completed", "skipped"
                continue
            step.status = "in_progress"
            code = self._step(step, text, workspace, temporary)
            step.status, step.conclusion = "completed", "failure" if code else "success"
            failed = failed or code != 0
        if self.cancelled.is_set():
            return "cancelled"
        return "failure" if failed else "success"

    def cancel(self) -> None:
        self.cancelled.set()
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def _step(self, step: Step, text: dict[str, Any], workspace: pathlib.Path, temporary: pathlib.Path) -> int:
        uses = text.get("uses", "")
        if uses.startswith("actions/checkout@"):
            shutil.copytree(self.repository, workspace, dirs_exist_ok=True, symlinks=True)
            return 0
        if uses or "run" not in text:
            raise Unknown(f"uses: {uses}")
        if "${{" in text["run"]:
            raise Unknown("an expression inside `run` is code")
        script = temporary / "step.sh"
        script.write_text(text["run"])
        environment = self._environment(text, workspace, temporary)
        shell = text.get("shell") or self.workflow.get("defaults", {}).get("run", {}).get("shell")
        flags = ["--noprofile", "--norc", "-eo", "pipefail"] if shell == "bash" else ["-e"]
        with open(temporary / "step.log", "wb") as log:
            self.process = subprocess.Popen(
                ["bash", *flags, str(script)], cwd=workspace, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        try:
            code = self.process.wait(STEP_LIMIT)
        except subprocess.TimeoutExpired:
            code = 124
        # What a step leaves running ends with it here; on GitHub it ends with the job.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        step.log = self._written((temporary / "step.log").read_text(errors="replace"), environment)
        return code

    def _environment(self, text: dict[str, Any], workspace: pathlib.Path, temporary: pathlib.Path) -> dict[str, str]:
        found = {name: os.environ[name] for name in KEPT if name in os.environ}
        for level in (self.workflow, self.text, text):
            found |= {name: self._with_inputs(str(value)) for name, value in (level.get("env") or {}).items()}
        for line in (self.folder / "env").read_text().splitlines():
            name, _, value = line.partition("=")
            found[name] = value
        return found | {
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"), "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_WORKSPACE": str(workspace), "RUNNER_TEMP": str(temporary), "GITHUB_ACTIONS": "true", "CI": "true",
        }

    def _with_inputs(self, text: str) -> str:
        whole = INPUT.sub(lambda match: self.inputs.get(match[1], ""), text)
        if "${{" in whole:
            raise Unknown(text)
        return whole

    def _written(self, output: str, environment: dict[str, str]) -> str:
        """What the log shows: the step's variables first, as GitHub does, and nothing that is masked."""
        lines = []
        for line in output.splitlines():
            if line.startswith("::add-mask::"):
                self.masks.append(line.removeprefix("::add-mask::"))
            else:
                lines.append(line)
        shown = [f"  {name}: {value}" for name, value in environment.items() if name not in KEPT]
        whole = "\n".join(["env:", *shown, *lines]) + "\n"
        for mask in self.masks:
            if mask:
                whole = whole.replace(mask, "***")
        return whole
