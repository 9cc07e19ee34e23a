"""The mailbox's own page: a gallery, each mail, and the same list for programs."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.pages import gallery_page, missing_page

TYPES = {"eml": "text/plain", "html": "text/html"}


def web(folder: MailDir) -> Starlette:
    """`/` the gallery, `/mails?after=NUMBER` the list as JSON (oldest first), `/mails/NAME.html` and `/mails/NAME.eml` one mail."""

    def gallery(_: Request) -> Response:
        return HTMLResponse(gallery_page(folder.mails()))

    def listing(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        return JSONResponse([mail.summary() for mail in folder.mails(int(after) if after.isdecimal() else 0)])

    def one(request: Request) -> Response:
        name, ending = request.path_params["name"], request.path_params["ending"]
        if name not in folder.names() or ending not in TYPES:
            return HTMLResponse(missing_page(), status_code=404)
        return Response((folder.path / f"{name}.{ending}").read_bytes(), media_type=TYPES[ending])

    return Starlette(routes=[Route("/", gallery), Route("/mails", listing), Route("/mails/{name}.{ending}", one)])
