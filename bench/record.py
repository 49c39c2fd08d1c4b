"""What a benchmark measured: printed with command, data, seed and machine, and kept as JSON.

The files are var/bench/NAME.json. `bench.report` makes the tables of the documents from them,
`bench.plots` the plots. Those that the tables show are kept in docs/measurements as well.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("BENCH_DIR", PROJECT / "var" / "bench"))
PUBLISHED = PROJECT / "docs" / "measurements"


@dataclass
class Record:
    """One run of a benchmark. `values` is whatever it measured."""

    name: str  # of the file
    benchmark: str
    data: str  # name of the data set's folder
    seed: int
    command: str
    values: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.time)

    def save(self) -> Path:
        """Writes the file, in place of that of an earlier run."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{self.name}.json"
        document = {
            "benchmark": self.benchmark,
            "data": self.data,
            "seed": self.seed,
            "command": self.command,
            "machine": machine(),
            "revision": revision(),
            "finished": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
            "wall_seconds": round(time.time() - self.began, 1),
            "peak_gib": peak_gib(),
            "values": self.values,
        }
        path.write_text(json.dumps(document, indent=1) + "\n")
        return path


def begin(
    benchmark: str,
    data: Path,
    *,
    seed: int,
    settings: Sequence[str] = (),
    name: str = "",
    quiet: bool = False,
) -> Record:
    """A record of the process's own command, its heading printed unless `quiet`."""
    parts = [benchmark, data.name, name, *settings, f"s{seed}"]
    command = ["python", "-m", f"bench.{benchmark}", *(_short(word, data) for word in sys.argv[1:])]
    record = Record(
        "-".join(part.replace("/", "_") for part in parts if part),
        benchmark,
        data.name,
        seed,
        " ".join(command),
    )
    if not quiet:
        print(record.command, f"| data {data.name} | seed {seed} | {revision()}")
        print("machine:", ", ".join(f"{key} {value}" for key, value in machine().items()), flush=True)
    return record


def _short(word: str, data: Path) -> str:
    return data.name if word.rstrip("/") == str(data).rstrip("/") else word


def read_records(*folders: Path) -> dict[str, dict[str, Any]]:
    """All records of the folders by name, in order of it; of one name that of the later folder counts."""
    paths = {path.stem: path for folder in folders or (PUBLISHED, FOLDER) for path in folder.glob("*.json")}
    return {name: json.loads(path.read_text()) for name, path in sorted(paths.items())}


def machine() -> dict[str, Any]:
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def revision() -> str:
    """Short hash of the commit, with a + where files differ from it; empty outside of a repository."""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    answer = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def peak_gib() -> float:
    """Largest memory of this process so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 3)


def rounded(values: Mapping[str, float], digits: int = 4) -> dict[str, float]:
    return {key: round(value, digits) for key, value in values.items()}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = (
        [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        if cpuinfo.exists()
        else []
    )
    return names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()
