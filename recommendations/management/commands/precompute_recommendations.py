"""precompute_recommendations: the lists of all users as files."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.management.terminal import Progress, one_line_errors
from recommendations.precomputing import SHARD_USERS, PrecomputingInterrupted, compute_shard, missing_shards
from recommendations.tasks import precompute_shard


class Command(BaseCommand):
    help = (
        "Write the lists of all users into FOLDER, a line of JSON each. Run again, it goes on with what is "
        "missing; an empty folder starts afresh."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="movies in a list")
        parser.add_argument("--shard-users", type=int, default=SHARD_USERS, metavar="N")
        parser.add_argument(
            "--queue", action="store_true", help="let workers of the queue batch do it; they need the folder"
        )

    def handle(self, *, folder: Path, limit: int, shard_users: int, queue: bool, **options: Any) -> None:
        if not 1 <= limit <= 1000 or shard_users < 1:
            raise CommandError("--limit must be from 1 to 1000, --shard-users at least 1")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(str(error)) from error
        with one_line_errors():
            shards = list(missing_shards(folder, size=shard_users))
        if queue:
            for shard in shards:
                precompute_shard.delay(*shard, str(folder.resolve()), limit)
            self.stdout.write(f"{len(shards)} shards queued")
            return
        began, users = time.monotonic(), 0
        with one_line_errors(), Progress("shards") as progress:
            for done, shard in enumerate(shards, start=1):
                try:
                    users += compute_shard(shard, folder, limit=limit)
                except (PrecomputingInterrupted, OSError) as error:
                    raise CommandError(f"{error}; run it again to go on") from error
                progress(done, len(shards))
        seconds = time.monotonic() - began
        self.stdout.write(f"{users} users in {seconds:.1f} s ({users / max(seconds, 1e-9):.0f} a second)")
