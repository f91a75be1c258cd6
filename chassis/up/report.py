"""What is printed once everything answers."""

import shlex
import sys
from pathlib import Path

from chassis.up.plan import Plan
from chassis.up.trial import Trial


def text(plan: Plan, trial: Trial) -> str:
    portal = plan.url("gateway")
    return "\n".join(
        [
            "",
            f"The portal          {portal}",
            f"SMS and e-mail      {plan.url('sandbox')}   (the sandbox: nothing is really sent)",
            f"Data, keys, logs    {plan.var}",
            "",
            trial.text(),
            "",
            "Commands, in another terminal:",
            f"  . {shlex.quote(str(plan.settings_file))}",
            f"  {shlex.quote(str(Path(sys.executable).with_name('motcua')))} events tail",
            "",
            "Ctrl-C stops it; the data stays.",
            f"ready: {portal}",
        ]
    )
