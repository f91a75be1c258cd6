"""The rows of API.md marked *main*, each with its query parameters, and `limit` where there are pages."""

from tests.system.caller import Made

MAIN = {
    "GET /captcha": "",
    "POST /registrations": "",
    "POST /registrations/{id}/code": "",
    "POST /registrations/{id}/confirmation": "",
    "POST /registrations/{id}/account": "",
    "POST /sessions": "",
    "POST /sessions/{id}/confirmation": "",
    "POST /sessions/refresh": "",
    "DELETE /sessions/current": "",
    "GET /account": "",
    "GET /procedures": "audience event q cursor limit",
    "GET /procedures/{code}": "version",
    "POST /dossiers": "",
    "GET /dossiers/{id}": "",
    "DELETE /dossiers/{id}": "",
    "PUT /dossiers/{id}/form": "",
    "POST /dossiers/{id}/files": "",
    "GET /dossiers/{id}/files/{file}": "",
    "DELETE /dossiers/{id}/files/{file}": "",
    "POST /dossiers/{id}/submission": "",
    "GET /dossiers": "state cursor limit",
    "GET /dossiers/summary": "",
    "GET /dossiers/{code}": "",
    "POST /dossiers/{code}/withdrawal": "",
    "GET /tracking/{code}": "key",
    "GET /desk/dossiers": "status overdue cursor limit",
    "GET /desk/dossiers/{code}": "",
    "GET /desk/dossiers/{code}/files/{file}": "",
    "POST /desk/dossiers/{code}/decisions": "",
    "GET /notifications": "cursor limit",
    "POST /notifications/{id}/read": "",
    "POST /ratings": "",
    "GET /statistics/agencies": "limit",
    "GET /statistics/agencies/{code}": "",
}


def table(calls: list[Made]) -> dict[str, set[str]]:
    """The calls as MAIN has them: every parameter that a route was ever given."""
    rows: dict[str, set[str]] = {}
    for call in calls:
        rows.setdefault(f"{call.method} {call.route}", set()).update(call.parameters)
    return rows
