"""`motcua-agency`: the test kit on the command line."""

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from pika.exceptions import AMQPError

from motcua_agency.address import parameters
from motcua_agency.testkit.faults import Fault
from motcua_agency.testkit.kit import DECISIONS, PLAYS, Report, run

RIGHT, WRONG, MISUSED, AWAY = 0, 1, 2, 75


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing wrong was found; 1: something was; 2: wrong use; 75: the broker is away."""
    options = _parser().parse_args(arguments)
    command = shlex.split(options.command)
    if not command or not shutil.which(command[0]):
        print(f"no such command: {options.command!r}", file=sys.stderr)
        return MISUSED
    plays = options.only or [name for name in PLAYS if options.decisions or name not in DECISIONS]
    try:
        report = run(
            options.amqp_url,
            command,
            plays,
            options.patience,
            None if options.json else _say,
        )
    except (AMQPError, OSError) as error:
        print(f"the broker is away: {error!r}", file=sys.stderr)
        return AWAY
    _print(report, options.json)
    return WRONG if report.faults else RIGHT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "motcua-agency", description="For those who write an agency's back office."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    kit = commands.add_parser(
        "testkit", help="play the portal against your consumer, and say what it gets wrong"
    )
    kit.add_argument(
        "--amqp-url", type=_plain_amqp, required=True, help="a broker to play on, not a portal's"
    )
    kit.add_argument("--command", required=True, help='starts your consumer: "python my_consumer.py"')
    kit.add_argument("--only", action="append", choices=[*PLAYS], metavar="PLAY", help=", ".join(PLAYS))
    kit.add_argument("--without-decisions", dest="decisions", action="store_false", help="it only listens")
    kit.add_argument(
        "--patience", type=float, default=15.0, help="seconds for each thing asked (%(default)s)"
    )
    kit.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _plain_amqp(url: str) -> str:
    """What is wrong is said without the address: the password is in it."""
    try:
        parameters(url)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if urlsplit(url).scheme != "amqp":
        raise argparse.ArgumentTypeError("must begin with amqp:// (the kit reads what is said on the line)")
    return url


def _say(play: str, faults: Sequence[Fault]) -> None:
    print(f"{play:<22}{'wrong' if faults else 'right'}", flush=True)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        told = [vars(fault) | {"explanation": fault.explanation} for fault in report.faults]
        print(json.dumps({"plays": list(report.plays), "faults": told}, ensure_ascii=False, indent=2))
        return
    for fault in report.faults:
        print(f"\n{fault.name} (in {fault.play})\n  {fault.explanation}\n  Seen: {fault.evidence}.")
    print(f"\n{len(report.faults)} kinds of faults in {len(report.plays)} plays.")


if __name__ == "__main__":
    sys.exit(main())
