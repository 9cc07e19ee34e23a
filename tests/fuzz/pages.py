"""Fuzzes the pages: their forms with odd fields, mutated links, other methods and headers, and bytes that are no HTTP."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from urllib.parse import quote, urlencode, urlsplit

import httpx
from bs4 import BeautifulSoup

from deploy.demo.browser import Form, Page
from deploy.mail_catcher.mail import Mail
from deploy.simulator.users import FORMS
from tests.fault_injection.run_context import RunContext
from tests.fuzz.odd_values import odd_text
from tests.fuzz.oracles import PRIVATE_TEXT
from tests.fuzz.report import Report

INTERVAL, TIMEOUT = 0.2, 30
MAX_LINKS, NEWEST = 200, 12
METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "X")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded;charset=",
    "multipart/form-data; boundary=x", "application/json", "text/plain", "", "APPLICATION/X-WWW-FORM-URLENCODED",
)  # fmt: skip
GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nzz\r\n", b"GET /" + b"x" * 100_000,
    b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 5_000 + b"\r\n", b"GET /\xff\xfe HTTP/1.1\r\nhost: \xff\r\n\r\n",
)  # fmt: skip
URL_ENCODED = "application/x-www-form-urlencoded"


class PagesFuzzer:
    """Tries the links of all emails that the mail server has received."""

    def __init__(self, run: RunContext, random: Random, report: Report, http: httpx.AsyncClient) -> None:
        self._run, self._random, self._report, self._http = run, random, report, http
        self._links: dict[str, list[str]] = {}
        """By purpose, because most links are those of one purpose."""
        self._emails_read = 0

    async def run(self) -> None:
        """Choose a link and something odd to do with it, until cancelled."""
        attacks: Sequence[Callable[[str], Awaitable[object]]] = [
            self._submit_forms, self._submit_forms, self._submit_forms, self._open_mutated, self._use_method, self._send_bytes,
            self._send_garbage,
        ]  # fmt: skip
        while True:
            self._collect_links()
            if self._links:
                links = self._links[self._random.choice(sorted(self._links))]
                await self._random.choice(attacks)(self._random.choice(links))
            await asyncio.sleep(INTERVAL)

    def _collect_links(self) -> None:
        received = self._run.cluster.mail_server.received
        for mail in received[self._emails_read :]:
            for link in links_in(mail, self._run.cluster.endpoints.pages_url):
                purpose = urlsplit(link).path.split("/")[1]
                self._report.counts[f"pages: links to {purpose} in emails"] += 1
                self._links[purpose] = [*self._links.get(purpose, []), link][-MAX_LINKS:]
        self._emails_read = len(received)

    async def _submit_forms(self, link: str) -> None:
        """Send each form of a page with odd fields; of the newest pages with forms, because older ones are closed."""
        if recent := [link for purpose in FORMS for link in self._links.get(purpose, [])[-NEWEST:]]:
            link = self._random.choice(recent)
        response = await self._request("form: GET", "GET", link)
        if response is None or response.status_code != 200:
            return
        page = Page(link, response.status_code, BeautifulSoup(response.text, "html.parser"))
        for form in [page.form(str(found["id"])) for found in page.soup.find_all("form", id=True)]:
            body = urlencode(odd_fields(self._random, form), errors="surrogatepass")
            await self._request("form: POST", "POST", form.action, content=body, headers={"content-type": URL_ENCODED})

    async def _open_mutated(self, link: str) -> None:
        await self._request("mutated link", "GET", mutate_link(self._random, link))

    async def _use_method(self, link: str) -> None:
        await self._request("method", self._random.choice(METHODS), link)

    async def _send_bytes(self, link: str) -> None:
        """Send a body that is no form, under one of many content types."""
        bodies = (
            b"",
            b"%zz=%",
            b"&&&==",
            b"a=1&" * 5_000,
            b"x" * 50_000,
            self._random.randbytes(99),
            b"form=answer&answer=yes&nonce=1",
        )
        headers = {"content-type": self._random.choice((URL_ENCODED, *CONTENT_TYPES)), "x-forwarded-for": "\u200b".encode().hex()}
        await self._request("odd body", "POST", link, content=self._random.choice(bodies), headers=headers)

    async def _send_garbage(self, link: str) -> None:
        """Send bytes that are no HTTP over a connection of their own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._run.cluster.endpoints.pages_port)
        try:
            writer.write(self._random.choice((*GARBAGE, self._random.randbytes(200))))
            async with asyncio.timeout(1):
                await writer.drain()
                answer = await reader.read(64)
            self._answered("no HTTP", int((re.match(rb"HTTP/1.1 (\d{3})", answer) or [0, 0])[1]), link)
        except (OSError, TimeoutError):
            self._report.counts["pages: no HTTP, no answer"] += 1
        finally:
            writer.close()

    async def _request(
        self, what: str, method: str, link: str, content: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response | None:
        try:
            response = await self._http.request(method, link, content=content, headers=headers)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError):
            self._report.counts[f"pages: {what}, refused by the client"] += 1
            return None
        except httpx.TransportError as error:
            self._report.add(f"pages: {what}: {type(error).__name__}", f"{method} {link} {content!r}")
            return None
        self._answered(what, response.status_code, f"{method} {link} {content!r}")
        return response

    def _answered(self, what: str, status: int, example: str) -> None:
        self._report.counts[f"pages: {what}, {status}"] += 1
        if status >= 500:
            self._report.add(f"pages: {what} was answered with {status}", example)


def links_in(mail: Mail, pages_url: str) -> list[str]:
    """Return the links to pages in an email."""
    return re.findall(re.escape(pages_url) + r"/[^\s\"'<>]+", mail.part("text/plain"))


def odd_fields(random: Random, form: Form) -> list[tuple[str, str]]:
    """Return fields as a browser would send them, some of them odd, missing or repeated."""
    fields = [(name, value) for name, value in form.values.items() if random.random() < 0.95]
    fields += [(name, random.choice(choices)) for name, choices in form.choices.items() if choices]
    for at, (name, _) in enumerate(fields):
        if name not in ("form", "nonce") and random.random() < 0.3:
            fields[at] = (name, random.choice((odd_text(random), PRIVATE_TEXT, PRIVATE_TEXT * 30, "")))
    extra = random.choice((0, 0, 0, 1, 60))
    return [*fields, *random.sample(fields, min(len(fields), extra % 2)), *((odd_text(random), PRIVATE_TEXT) for _ in range(extra))]


def mutate_link(random: Random, link: str) -> str:
    """Return the link with a changed token, path or query."""
    parts, at = urlsplit(link), random.randrange(len(link))
    purposes = ("stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp", "health", "klaar", "..", "%2e%2e")
    paths = (
        parts.path[: random.randrange(len(parts.path))],
        parts.path
        + random.choice(
            (
                "/klaar",
                "/",
                "//",
                "/klaar/klaar",
                "%00",
                "%ff",
                "%0d%0aset-cookie:x=y",
                quote(odd_text(random)[:80], errors="replace"),
            )
        ),
        parts.path.replace(parts.path.split("/")[1], random.choice(purposes)),
        "/" + quote(odd_text(random)[:200], errors="replace"),
        parts.path.swapcase(),
    )
    if random.random() < 0.3:
        return link[:at] + random.choice("AZaz09-_.~%") + link[at + 1 :] if at > len(f"{parts.scheme}://{parts.netloc}/") else link
    query = random.choice(("", "x=1", "lang=" + quote(odd_text(random)[:50], errors="replace"), "x=" + "y" * 9_000))
    return parts._replace(path=random.choice(paths), query=query).geturl()
