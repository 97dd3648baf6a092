"""The API's page: every address with a form, which works without script too."""

from starlette.testclient import TestClient

from tests.support.html import read
from tests.web.api.openapi_file import text


def test_every_address_has_its_form(client: TestClient) -> None:
    answer = client.get("/api/docs")
    assert answer.headers["content-type"].startswith("text/html")
    told = client.get("/api/openapi.json")
    assert told.text == text()
    assert told.headers["etag"]
    page = read(answer.text)
    assert page.headings[0] == "h1 API"
    for path in told.json()["paths"]:
        assert f'name="path" value="{path}"' in answer.text


def test_a_form_leads_to_the_answer(client: TestClient) -> None:
    asked = {"path": "/v1/models/{model_id}", "p.model_id": "openai/gpt-5:free", "p.at": "now"}
    answer = client.get("/api/docs/open", params=asked | {"p.source": ""})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where == "/v1/models/openai%2Fgpt-5%3Afree?at=now"
    assert client.get(where).json()["id"] == "openai/gpt-5:free"


def test_a_form_leads_nowhere_else(client: TestClient) -> None:
    for path, status in (("//evil.example", 404), ("/login", 404), ("/v1/models/{model_id}", 400)):
        assert client.get("/api/docs/open", params={"path": path}).status_code == status
