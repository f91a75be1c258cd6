"""The home page and the design of what is still to come."""

import tomllib
from pathlib import Path

from flask import Blueprint, render_template

from gateway.backend import Json
from gateway.pages import catalogue

blueprint = Blueprint("home", __name__)
ASKED: list[str] = tomllib.loads(Path(__file__).with_name("asked.toml").read_text("utf-8"))["codes"]


@blueprint.get("/")
def home() -> str:
    return render_template(
        "home.html",
        citizen=catalogue.events_for("citizen"),
        business=catalogue.events_for("business"),
        asked=most_asked(),
        ratings=ratings(),
    )


def most_asked() -> list[Json]:
    by_code = {item["code"]: item for item in catalogue.procedures.get() or []}
    return [by_code[code] for code in ASKED if code in by_code]


def ratings() -> tuple[int, float] | None:
    """How many ratings, and their mean satisfaction of 1 to 5; None when nobody says or nobody rated."""
    return mean_of([agency["ratings"] for agency in catalogue.rated.get() or []])


def mean_of(ratings: list[Json]) -> tuple[int, float] | None:
    rated = [(one["count"], one["averages"]["satisfaction"]) for one in ratings if one["count"]]
    count = sum(n for n, _ in rated)
    return (count, sum(n * mean for n, mean in rated) / count) if count else None
