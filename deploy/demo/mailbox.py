"""The emails of all people in the demo, read from the mail catcher."""

from collections.abc import Sequence

import httpx
from bs4 import BeautifulSoup

from deploy.errors import UserError
from deploy.mail_catcher.mail import Mail, parse_mail


class Mailbox:
    """Client of the mail catcher. `mails` holds everything fetched so far by file name, oldest first."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url
        self._last_number = 0
        self.mails: dict[str, Mail] = {}

    async def skip_existing(self) -> None:
        """Ignore the emails that have arrived already."""
        await self._new_names()

    async def fetch_new(self) -> Sequence[Mail]:
        """Return the emails that arrived since the last call, oldest first."""
        new = [await self._fetch(name) for name in await self._new_names()]
        self.mails |= {mail.name: mail for mail in new}
        return new

    async def find(self, email_id: str) -> Mail:
        """Return an email that was sent. Raises `UserError` if it has not arrived."""
        if not (found := self._find(email_id)):
            await self.fetch_new()
            found = self._find(email_id)
        if not found:
            raise UserError(f"email {email_id} was sent, but it is not in the mailbox at {self._url}")
        return found

    def _find(self, email_id: str) -> Mail | None:
        return next((mail for mail in reversed(self.mails.values()) if mail.email_id == email_id), None)

    async def _new_names(self) -> Sequence[str]:
        response = await self._http.get(f"{self._url}/mails", params={"after": self._last_number})
        response.raise_for_status()
        names = [str(mail["name"]) for mail in response.json()]
        self._last_number = max([self._last_number, *(int(name.partition("-")[0]) for name in names)])
        return names

    async def _fetch(self, name: str) -> Mail:
        response = await self._http.get(f"{self._url}/mails/{name}.eml")
        response.raise_for_status()
        return parse_mail(name, response.content)


def button_link(mail: Mail) -> str:
    """Return the link of the email's one button. Raises `UserError` if it does not have exactly one."""
    soup = BeautifulSoup(mail.part("text/html"), "html.parser")
    links = [str(a["href"]) for a in soup.find_all("a") if "button" in (a.get("class") or ())]
    if len(links) != 1:
        raise UserError(f"the email {mail.name} has {len(links)} buttons instead of one")
    return links[0]
