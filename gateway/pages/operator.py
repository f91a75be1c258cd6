"""What an operator finds after logging in: their work is on the command line."""

from flask import Blueprint, render_template

from gateway.sessions import signed_in

blueprint = Blueprint("operator", __name__)
WORK = {
    "officials": (
        'motcua official create --agency H01 --login lan --name "Lê Thị Lan" --phone 0912345679',
        'motcua operator create --login admin2 --name "Trần Văn Vận" --phone 0912345670',
    ),
    "catalog": ("motcua catalog publish --check 1.004873.toml", "motcua catalog publish 1.004873.toml"),
    "agencies": ("motcua agency connect H01",),
    "parts": ("motcua migrate dossier", "motcua api dossier --bind 127.0.0.1:8013", "motcua worker dossier"),
}


@blueprint.get("/van-hanh")
@signed_in("operator")
def home() -> str:
    return render_template("operator/home.html", work=WORK)
