"""`python -m ods_svc rebuild`: what `dualbus ods rebuild` runs, in a process of its own."""

import argparse
import gc
import json
import sys
from collections.abc import Sequence

import asyncpg
import uvloop
from aiokafka.errors import KafkaError
from dualbus_kit.service import collect_garbage_less_often
from dualbus_kit.settings import ServiceSettings

from ods_svc.rebuild.run import RebuildRefused, Rebuilt, rebuild
from ods_svc.rebuild.twin import SwitchBlocked

_EXPECTED = (RebuildRefused, SwitchBlocked, KafkaError, asyncpg.PostgresError, OSError, LookupError)


def rebuild_command(settings: ServiceSettings, argv: Sequence[str]) -> int:
    """0 when the new tables serve; 1 when they don't, with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m ods_svc rebuild", description=rebuild.__doc__)
    parser.add_argument("--restart", action="store_true", help="Forget a rebuild that was begun.")
    parser.add_argument(
        "--accept-missing", action="store_true", help="Lose what the topics no longer hold."
    )
    parser.add_argument("--json", action="store_true", help="One JSON object at the end.")
    options = parser.parse_args(argv)
    collect_garbage_less_often()
    # A batch is some hundred thousand objects, none in a cycle: looking through them again and
    # again took a fifth of this process's time. Its few cycles can wait for a million of them.
    gc.set_threshold(1_000_000, 20, 50)
    try:
        rebuilt = uvloop.run(
            rebuild(
                settings.database_url,
                settings.kafka_bootstrap_servers,
                restart=options.restart,
                accept_missing=options.accept_missing,
                report=_silent if options.json else _tell,
            )
        )
    except _EXPECTED as error:
        print(f"not rebuilt: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(rebuilt.to_dict()))
    return 0


def _silent(_: Rebuilt) -> None:
    pass


def _tell(state: Rebuilt) -> None:
    parts = [f"{state.phase:<10}", f"{state.events:>12,} of {state.of_events:,} events"]
    if state.fill_seconds:
        parts.append(f"filled in {state.fill_seconds:.1f} s")
    if state.resumed:
        parts.append("resumed")
    if state.unreadable:
        parts.append(f"{state.unreadable:,} left out")
    parts.append(f"{state.seconds:.0f} s")
    print("  ".join(parts), flush=True)
