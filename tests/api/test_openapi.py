"""The OpenAPI document: as committed, complete, and shown on a page that needs no internet."""

import json
import re
from pathlib import Path

from app.api.openapi import text

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
PUBLIC = {"/api/accounts/login", "/api/accounts/token/refresh", "/api/system/voice/{key}.{kind}"}


def _operations(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def test_the_committed_document_is_what_the_code_says():
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "The public document changed. If that was meant: python -m app.api.openapi > docs/openapi.json"
    )


async def test_the_service_answers_the_same_document(client):
    answer = await client.get("/openapi.json")

    assert answer.json() == json.loads(text())


def test_every_operation_has_a_name_a_summary_a_description_and_a_known_tag():
    document = json.loads(text())
    tags = {tag["name"] for tag in document["tags"]}
    names = []
    for path, method, operation in _operations(document):
        names.append(operation["operationId"])
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        assert set(operation["tags"]) <= tags, (method, path)
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_everything_but_logging_in_health_and_signed_addresses_asks_for_the_bearer_token():
    document = json.loads(text())

    for path, method, operation in _operations(document):
        open_to_all = path in PUBLIC or path.startswith("/health/")
        assert ("security" in operation) is not open_to_all, (method, path)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_body_is_told_in_three_content_types_and_every_refusal_in_the_envelope():
    document = json.loads(text())

    for path, method, operation in _operations(document):
        body = operation.get("requestBody")
        if body and path != "/api/system/files":
            assert set(body["content"]) == {
                "application/json",
                "multipart/form-data",
                "application/x-www-form-urlencoded",
            }, (method, path)
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = response["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Failure"}, (method, path, status)
                assert set(content["example"]) == {"status", "success", "message", "errors", "data"}
                assert all(set(item) == {"field", "code", "message"} for item in content["example"]["errors"])


def test_every_reference_in_the_document_leads_somewhere():
    document = json.loads(text())
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text()))

    assert names <= set(document["components"]["schemas"])
    assert "$defs" not in text()


FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def _forms() -> list[tuple[str, str, str, dict]]:
    document = json.loads(COMMITTED.read_text())
    return [
        (operation["operationId"], kind, name, schema)
        for operations in document["paths"].values()
        for operation in operations.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind in FORMS
        for name, schema in content["schema"]["properties"].items()
    ]


def test_no_field_of_a_form_is_null_or_begins_as_null():
    forms = _forms()

    assert len(forms) > 50
    for operation, kind, name, schema in forms:
        assert "null" not in json.dumps(schema.get("anyOf", schema.get("type"))), (operation, kind, name)
        assert schema.get("default", "") is not None, (operation, kind, name)


def test_forms_with_files_have_a_picker_for_each():
    picked = {
        (operation, name)
        for operation, kind, name, schema in _forms()
        if kind == "multipart/form-data" and schema.get("format") == "binary"
    }

    assert picked == {
        ("add_campaign", "send_to_number_file"),
        ("begin_campaign", "aud_file"),
        ("begin_campaign", "audio"),
        ("upload_file", "file"),
    }


def test_sounds_are_documented_as_answers():
    operations = json.loads(COMMITTED.read_text())["paths"]
    for path, method in (("/api/system/test/voice", "post"), ("/api/system/voice/{key}.{kind}", "get")):
        assert {"audio/mpeg", "audio/wav"} <= set(operations[path][method]["responses"]["200"]["content"])


async def test_the_page_and_all_it_loads_come_from_this_service(client):
    page = await client.get("/docs")

    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 5
    for address in loaded:
        assert address.startswith("/docs/")
        answer = await client.get(address)
        assert answer.status_code == 200
        assert len(answer.content) > 1000
    assert "//cdn" not in page.text
    assert "SwaggerUIBundle" in (await client.get("/docs/swagger-ui-bundle.js")).text
    assert (await client.get("/docs/other.js")).status_code == 404
