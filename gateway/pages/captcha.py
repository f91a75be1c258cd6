"""Proof that a person sends the form: solved by the browser, or from a picture and a sound."""

from flask import request

from gateway.backend import Json, call
from gateway.forms import typed


def asked(used: bool = False) -> Json:
    """What the form shows: `{picture: {id, image, sound}}`, or what the browser solved and nobody `used`.

    Pages without JavaScript come back with ?captcha=picture by themselves.
    """
    if request.args.get("captcha") == "picture" or request.form.get("captcha_id"):
        return {"picture": call("GET", "/captcha/picture", token="").body}
    return {"solved": "" if used else typed("captcha")}


def answer() -> str:
    """What goes into the API's `captcha` field; empty when nothing was done."""
    if picture := typed("captcha_id"):
        return f"picture:{picture}:{typed('captcha_digits')}"
    return typed("captcha")


def missing() -> bool:
    return not (typed("captcha") or typed("captcha_digits"))
