from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rules:
    """How long things live and how often they may be tried.

    `codes_per_day` is for one number and one purpose. No source settles the code's figures, so an
    operator may set each.
    `counter_lifetime` is how long a person has to go to a post office and to type what they got there;
    `counter_guesses` how many registration codes that are none a clerk may ask for in a day.
    Many people share one address behind a mobile operator: what succeeds is not counted for it.
    `login_free_failures` are from one network, `..._everywhere` from all those an account is not known in.
    `captcha_cost` is PBKDF2 iterations per try, `captcha_counter` the most tries a solution needs:
    their product is about one to two seconds of work for a cheap phone.
    """

    code_lifetime: timedelta = timedelta(minutes=5)
    code_tries: int = 5
    code_resend_after: timedelta = timedelta(seconds=60)
    codes_per_day: int = 5
    registration_lifetime: timedelta = timedelta(minutes=30)
    counter_lifetime: timedelta = timedelta(days=7)
    counter_guesses: int = 10
    captcha_cost: int = 1000
    captcha_counter: int = 800
    captcha_lifetime: timedelta = timedelta(minutes=20)
    login_lifetime: timedelta = timedelta(minutes=10)
    login_free_failures: int = 5
    login_free_failures_everywhere: int = 50
    login_pause: timedelta = timedelta(seconds=30)
    login_longest_pause: timedelta = timedelta(minutes=15)
    access_lifetime: timedelta = timedelta(minutes=10)
    refresh_grace: timedelta = timedelta(seconds=20)
    invitation_lifetime: timedelta = timedelta(days=7)
    session_idle: timedelta = timedelta(hours=2)
    session_lifetime: timedelta = timedelta(hours=12)
    reset_lifetime: timedelta = timedelta(minutes=15)
    cooling_off: timedelta = timedelta(hours=72)
    device_lifetime: timedelta = timedelta(days=180)
    address_failures_per_hour: int = 100
    address_registrations_per_hour: int = 60
    block_codes_per_hour: int = 60
    sms_per_hour: int = 20_000
    sms_per_day: int = 200_000
    sign_on_lifetime: timedelta = timedelta(minutes=30)
    authorization_code_lifetime: timedelta = timedelta(seconds=60)
    signing_key_lifetime: timedelta = timedelta(days=90)
    signing_key_ahead: timedelta = timedelta(hours=1)
