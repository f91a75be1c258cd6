"""What others rely on, written down: event schemas, AsyncAPI and OpenAPI. `make snapshots` writes them."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from chassis import service as manifests
from chassis.app import create_api
from chassis.db import open_engine
from chassis.testing import test_settings as settings_of_a_test
from chassis.unit_of_work import UnitsOfWork
from contracts.event import Event
from tests.architecture import asyncapi
from tests.architecture.asyncapi_messages import tidy
from tests.architecture.source import ROOT
from tests.architecture.test_events import declared

SCHEMAS = ROOT / "contracts" / "schemas"
ASYNCAPI = ROOT / "contracts" / "asyncapi.json"
DOCUMENTS = ROOT / "docs" / "openapi"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOR_READERS = {"title", "description", "$id", "$schema"}


def event_schema(event: type[Event]) -> Any:
    """Of `data`. `$id` is where any portal serves it, whatever its host."""
    named = {"$schema": DIALECT, "$id": f"/api/v1/events/schemas/{event.type}"}
    return named | tidy(msgspec.json.schema(event))


def openapi(service: str) -> Any:
    """The document as the service serves it; no database is asked."""
    settings = settings_of_a_test(service, "postgresql://nobody@127.0.0.1:9/none")
    units = UnitsOfWork(open_engine(settings.database_url, "snapshots"), settings)
    app = create_api(manifests.load(service), settings, units)
    return app.test_client().get("/openapi.json").get_json()


def wanted() -> dict[Path, Any]:
    schemas = {SCHEMAS / f"{event.type}.json": event_schema(event) for event in declared()}
    schemas[ASYNCAPI] = asyncapi.document()
    return schemas | {DOCUMENTS / f"{name}.json": openapi(name) for name in manifests.names()}


def breaks(old: Any, new: Any, at: str = "") -> list[str]:
    """Where `new` does more than add optional fields; texts for readers may change."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if old == new else [at or "/"]
    found: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        here = f"{at}/{key}"
        if key in FOR_READERS and isinstance(new.get(key, ""), str):
            continue
        if key in {"properties", "$defs"}:
            found += [f"{here}/{name}" for name in old.get(key, {}).keys() - new.get(key, {}).keys()]
            both = old.get(key, {}).keys() & new.get(key, {}).keys()
            found += [
                line
                for name in sorted(both)
                for line in breaks(old[key][name], new[key][name], f"{here}/{name}")
            ]
        else:
            found += breaks(old.get(key), new.get(key), here)
    return found


def written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    documents = wanted()
    for path, document in documents.items():
        if path.parent == SCHEMAS and path.exists():
            broken = breaks(json.loads(path.read_text()), document)
            if broken:
                sys.exit(
                    f"{path.name} breaks at {', '.join(broken)}: publish a new version beside the old one"
                )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(document))
    for path in [*SCHEMAS.glob("*.json"), *DOCUMENTS.glob("*.json")]:
        if path not in documents:
            path.unlink()


if __name__ == "__main__":
    main()
