"""The states of every page, by the rule of the gateway's URL map that it answers to.

A state is what a person may find there: nothing yet, a full list, mistakes to mend. Each function brings
a page into its states one after the other and says each time what it is.
"""

from tests.browser.states import (
    account,
    coming_in,
    counter,
    desk,
    filling_in,
    mandates,
    operations,
    public,
    security,
    sign_on,
    signing,
    staff,
)
from tests.browser.states.kinds import States

PARTS = (
    public,
    coming_in,
    counter,
    signing,
    filling_in,
    account,
    security,
    mandates,
    desk,
    staff,
    operations,
    sign_on,
)
ALL: States = {rule: state for part in PARTS for rule, state in part.STATES.items()}
