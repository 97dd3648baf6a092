"""The login of the page."""

from tests.support.html import read
from tests.web.conftest import MakeClient


def test_the_login_asks_for_a_token(site_client: MakeClient) -> None:
    answer = site_client(tokens={"team": "t0ken-of-the-team"}).get("/login?next=/catalog")
    page = read(answer.text)
    assert page.headings == ["h1 Log in"]
    assert page.fields == {"next": "/catalog", "token": ""}
