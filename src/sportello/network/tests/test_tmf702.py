"""What goes over the wire has the shapes of TM Forum's document."""

import json
from pathlib import Path

import pytest

from sportello.network.connector import tmf702
from sportello.network.types import Instruction

DOCUMENT = Path(__file__).resolve().parents[5] / "shared/data/tmf/TMF702-ResourceActivation-v4.0.0.swagger.json"
INSTRUCTION = Instruction(
    key="k-1", revision=3, resource="+393510000001", feature="barring.data.eu", category="barring", enabled=True
)
TYPES = {"string": str, "boolean": bool, "array": list, "integer": int}


def wrong(document, name, value):
    """Return where a value is not as the definition says (types, names, enumerations), all the way down."""
    shape = document["definitions"][name]
    if "enum" in shape:
        return [] if value in shape["enum"] else [f"{name}: {value!r}"]
    if not shape.get("properties"):
        return []
    found = [f"{name}.{key} is unknown" for key in value if key not in shape["properties"]]
    found += [
        f"{name}.{key} is missing"
        for key in shape.get("required", ())
        if key not in value and key not in ("id", "href")
    ]
    for key, inner in value.items():
        kind = shape["properties"].get(key, {})
        if "$ref" in kind:
            found += wrong(document, kind["$ref"].rpartition("/")[2], inner)
        elif kind.get("type") == "array":
            of = kind["items"].get("$ref", "").rpartition("/")[2]
            found += [text for one in inner for text in wrong(document, of, one)]
        elif kind and not isinstance(inner, TYPES[kind["type"]]):
            found.append(f"{name}.{key}: {inner!r}")
    return found


@pytest.fixture(scope="module")
def document():
    if not DOCUMENT.exists():
        pytest.skip("the folder shared/data with TM Forum's documents is not here")
    return json.loads(DOCUMENT.read_text())


def test_order_has_the_shape_of_the_document(document):
    assert wrong(document, "Resource_Create", tmf702.created(INSTRUCTION)) == []
    assert wrong(document, "Resource_Update", tmf702.changed(INSTRUCTION)) == []
    assert document["basePath"].rstrip("/") == tmf702.BASE


def test_check_against_the_document_finds_what_is_wrong(document):
    body = tmf702.created(INSTRUCTION) | {"colour": "red", "administrativeState": "open", "name": 5}
    assert sorted(wrong(document, "Resource_Create", body)) == [
        "ResourceAdministrativeStateType: 'open'", "Resource_Create.colour is unknown", "Resource_Create.name: 5",
    ]  # fmt: skip
