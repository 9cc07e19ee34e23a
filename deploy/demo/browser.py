"""A minimal browser: opens pages, fills in their forms, follows redirects."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx
from bs4 import BeautifulSoup, Tag

from deploy.errors import UserError
from deploy.retry import retry

PAGE_TIMEOUT = 30
RETRY_INTERVAL = 0.1


@dataclass(frozen=True)
class Form:
    """A form: the values that it shows, and the choices that it offers."""

    action: str
    values: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]

    def fill_in(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the fields to send. Raises `UserError` for an answer that the page does not offer."""
        for name, answer in answers.items():
            if name in self.choices and answer not in self.choices[name]:
                raise UserError(f"the page does not offer {answer!r} as {name!r}, but {', '.join(self.choices[name])}")
            if name not in self.choices and name not in self.values:
                raise UserError(f"the form has no field {name!r}")
        return {**self.values, **answers}


@dataclass(frozen=True)
class Page:
    """A page as it was received."""

    url: str
    status: int
    soup: BeautifulSoup

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.soup.get_text(" ")).strip()

    @property
    def is_confirmation(self) -> bool:
        """True if this page confirms a form; a form with errors leads back to its page."""
        return self.status < 400 and urlsplit(self.url).path.endswith("/klaar")

    def has_form(self, id: str) -> bool:
        return self.soup.find("form", id=id) is not None

    def form(self, id: str) -> Form:
        """Return the form with this id. Raises `UserError` if there is none."""
        form = self.soup.find("form", id=id)
        if not isinstance(form, Tag):
            raise UserError(f"the page has no form {id!r}; its text: {self.text[:300]}")
        return Form(urljoin(self.url, str(form.get("action") or "")), dict(_initial_values(form)), _choices(form))


def _initial_values(form: Tag) -> Sequence[tuple[str, str]]:
    """Return the fields that a browser sends if nothing is changed."""
    inputs = [
        (str(field["name"]), str(field.get("value") or ""))
        for field in form.find_all("input")
        if field.get("name") and (field.get("type") not in ("radio", "checkbox", "submit") or field.has_attr("checked"))
    ]
    texts = [(str(field["name"]), field.get_text().strip()) for field in form.find_all("textarea")]
    selected = [
        (str(select["name"]), str(option.get("value") or ""))
        for select in form.find_all("select")
        for option in (select.find_all("option", selected=True) or select.find_all("option"))[:1]
    ]
    return [*inputs, *texts, *selected]


def _choices(form: Tag) -> dict[str, list[str]]:
    choices: dict[str, list[str]] = {}
    for field in form.find_all(["input", "button"]):
        if field.get("name") and field.get("type") in ("radio", "submit"):
            choices.setdefault(str(field["name"]), []).append(str(field.get("value") or ""))
    for select in form.find_all("select"):
        choices[str(select["name"])] = [str(option.get("value") or "") for option in select.find_all("option")]
    return choices


class Browser:
    """Opens pages and sends forms. `pages_url` replaces the host of every link, so that pages are reachable from here."""

    def __init__(self, http: httpx.AsyncClient, pages_url: str) -> None:
        self._http, self._pages = http, urlsplit(pages_url)

    async def open(self, link: str) -> Page:
        """Open a page as a mail scanner and then a person do: HEAD, GET, and GET again."""
        await self._request("HEAD", link)
        await self._request("GET", link)
        return await self._request("GET", link)

    async def get(self, link: str) -> Page:
        """Open a page once."""
        return await self._request("GET", link)

    async def submit(self, form: Form, answers: Mapping[str, str]) -> Page:
        """Send a form, again until the pages answer. Raises `UserError`."""
        return await self._request("POST", form.action, form.fill_in(answers))

    async def _request(self, method: str, link: str, data: Mapping[str, str] | None = None) -> Page:
        url = urlunsplit(urlsplit(link)._replace(scheme=self._pages.scheme, netloc=self._pages.netloc))
        response = await self._send(method, url, data)
        while response.is_redirect:
            response = await self._send("GET", urljoin(str(response.url), response.headers["location"]), None)
        if response.is_server_error:
            raise UserError(f"the page answered {response.status_code}; see the log of pages")
        return Page(str(response.url), response.status_code, BeautifulSoup(response.text, "html.parser"))

    async def _send(self, method: str, url: str, data: Mapping[str, str] | None) -> httpx.Response:
        try:
            async with asyncio.timeout(PAGE_TIMEOUT):
                return await retry(lambda: self._http.request(method, url, data=data), httpx.TransportError, RETRY_INTERVAL)
        except TimeoutError:
            raise UserError(f"the pages did not answer for {PAGE_TIMEOUT} s; see the log of pages") from None
