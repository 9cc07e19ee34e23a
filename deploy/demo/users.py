"""What people do: find a mail, follow its link, read the page, fill in its form and press the button."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx
from bs4 import BeautifulSoup, Tag

from deploy.errors import UserError

PATIENCE = 30


@dataclass(frozen=True)
class Mail:
    """A mail as it lies in the mailbox; `file` is its name there."""

    file: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"]).strip()

    @property
    def letter(self) -> str:
        """The letter that its Message-ID names."""
        return self.message_id.strip("<>").partition("@")[0]

    def part(self, kind: str) -> str | None:
        """The text of the first part of a kind, such as `text/calendar`."""
        for part in self.message.walk():
            if part.get_content_type() == kind:
                return str(part.get_content())
        return None

    @property
    def link(self) -> str:
        """Where its one button leads."""
        soup = BeautifulSoup(self.part("text/html") or "", "html.parser")
        buttons = [str(a["href"]) for a in soup.find_all("a") if "button" in (a.get("class") or ())]
        if len(buttons) != 1:
            raise UserError(f"the mail {self.file} has {len(buttons)} buttons instead of one")
        return buttons[0]


class Mailbox:
    """Everybody's mailbox: the catcher's page of this stack. What was read is kept in `read`, by file."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url
        self._last = 0
        self._letters: dict[str, str] = {}
        self.read: dict[str, Mail] = {}

    async def forget(self) -> None:
        """What lies there already is of no interest."""
        await self._files()

    async def mails(self) -> Sequence[Mail]:
        """All since `forget`, oldest first."""
        for file in await self._files():
            mail = self.read[file] = Mail(file, await self._message(file))
            self._letters[mail.letter] = file
        return list(self.read.values())

    async def mail(self, letter: str) -> Mail:
        """The mail of a letter that was sent."""
        if letter not in self._letters:
            await self.mails()
        if file := self._letters.get(letter):
            return self.read[file]
        raise UserError(f"letter {letter} was sent, but no mail of it lies in the mailbox at {self._url}")

    async def _files(self) -> Sequence[str]:
        """What came since the last time."""
        answer = await self._http.get(f"{self._url}/mails", params={"after": self._last})
        answer.raise_for_status()
        names = [str(mail["name"]) for mail in answer.json()]
        self._last = max([self._last, *(int(name.partition("-")[0]) for name in names)])
        return [f"{name}.eml" for name in names]

    async def _message(self, file: str) -> EmailMessage:
        answer = await self._http.get(f"{self._url}/mails/{file}")
        answer.raise_for_status()
        message = message_from_bytes(answer.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass(frozen=True)
class Form:
    """A form of a page: what it holds as it is shown, and what may be chosen."""

    action: str
    shown: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]

    def filled(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        """What the browser sends. Trouble when an answer is not among the choices that the page offers."""
        for name, answer in answers.items():
            if name in self.choices and answer not in self.choices[name]:
                raise UserError(f"the page does not offer {answer!r} as {name!r}, but {', '.join(self.choices[name])}")
            if name not in self.choices and name not in self.shown:
                raise UserError(f"the form has no field {name!r}")
        return {**self.shown, **answers}


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    url: str
    status: int
    soup: BeautifulSoup

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.soup.get_text(" ")).strip()

    def form(self, id: str) -> Form:
        """The form of this id. Trouble when the page has none."""
        form = self.soup.find("form", id=id)
        if not isinstance(form, Tag):
            raise UserError(f"the page has no form {id!r}; it says: {self.text[:300]}")
        return Form(urljoin(self.url, str(form.get("action") or "")), dict(_shown(form)), _choices(form))


def _shown(form: Tag) -> Sequence[tuple[str, str]]:
    """What is sent of a form that nobody touched."""
    fields = [
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
    return [*fields, *texts, *selected]


def _choices(form: Tag) -> dict[str, list[str]]:
    choices: dict[str, list[str]] = {}
    for field in form.find_all(["input", "button"]):
        if field.get("name") and field.get("type") in ("radio", "submit"):
            choices.setdefault(str(field["name"]), []).append(str(field.get("value") or ""))
    for select in form.find_all("select"):
        choices[str(select["name"])] = [str(option.get("value") or "") for option in select.find_all("option")]
    return choices


class Browser:
    """Opens pages and sends forms. `pages` is where the pages are reached from here, whatever host the link names."""

    def __init__(self, http: httpx.AsyncClient, pages: str) -> None:
        self._http, self._pages = http, urlsplit(pages)

    async def open(self, link: str) -> Page:
        """As a mail scanner and then a person do: a look at the head, and the page, twice."""
        await self._reach("HEAD", link)
        await self._reach("GET", link)
        return await self._reach("GET", link)

    async def look(self, link: str) -> Page:
        """One look at a page."""
        return await self._reach("GET", link)

    async def send(self, form: Form, answers: Mapping[str, str]) -> Page:
        """Presses the button; the same one again when nobody answered."""
        return await self._reach("POST", form.action, form.filled(answers))

    async def _reach(self, method: str, link: str, data: Mapping[str, str] | None = None) -> Page:
        url = urlunsplit(urlsplit(link)._replace(scheme=self._pages.scheme, netloc=self._pages.netloc))
        answer = await self._patiently(method, url, data)
        while answer.is_redirect:
            answer = await self._patiently("GET", urljoin(str(answer.url), answer.headers["location"]), None)
        if answer.is_server_error:
            raise UserError(f"the page answered {answer.status_code}; the log of pages may say why")
        return Page(str(answer.url), answer.status_code, BeautifulSoup(answer.text, "html.parser"))

    async def _patiently(self, method: str, url: str, data: Mapping[str, str] | None) -> httpx.Response:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        return await self._http.request(method, url, data=data)
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
        except TimeoutError:
            raise UserError(f"the pages did not answer for {PATIENCE} s; the log of pages may say why") from None
