"""What is printed once everything answers."""

from collections.abc import Sequence

from chassis.up.plan import Plan
from chassis.up.trial import Trial


def text(plan: Plan, trials: Sequence[Trial]) -> str:
    portal = plan.url("gateway")
    return "\n".join(
        [
            "",
            f"The portal          {portal}",
            f"SMS and e-mail      {plan.url('sandbox')}   (the sandbox: nothing is really sent)",
            f"Data, keys, logs    {plan.var}",
            "",
            *(line for trial in trials for line in (trial.text(), "")),
            "Ctrl-C stops it; the data stays.",
            f"ready: {portal}",
        ]
    )
