"""What the portal says about itself: help, accessibility, privacy, API, status, and what is to come."""

from flask import Blueprint, render_template

from gateway.health import state
from gateway.settings import SERVICES

blueprint = Blueprint("about", __name__)


@blueprint.get("/tro-giup")
def help_page() -> str:
    return render_template("about/help.html")


@blueprint.get("/tiep-can")
def accessibility() -> str:
    return render_template("about/accessibility.html")


@blueprint.get("/rieng-tu")
def privacy() -> str:
    return render_template("about/privacy.html")


@blueprint.get("/api")
def api() -> str:
    return render_template("about/api.html")


@blueprint.get("/trang-thai")
def status() -> str:
    return render_template("about/status.html", states={name: state(name) for name in SERVICES})


@blueprint.get("/phan-anh", defaults={"what": "petitions"})
@blueprint.get("/nop-phat", defaults={"what": "fines"})
@blueprint.get("/thanh-toan", defaults={"what": "payments"})
def coming(what: str) -> str:
    """A page that says what will be here and what to do until then."""
    return render_template("coming.html", what=what)
