"""The web interface: a list of all emails, each email, and the list as JSON."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.pages import gallery_page, not_found_page

MEDIA_TYPES = {"eml": "text/plain", "html": "text/html"}


def web_app(mails: MailDir) -> Starlette:
    """Serve `/` (list), `/mails?after=NUMBER` (JSON, oldest first), `/mails/NAME.html` and `/mails/NAME.eml`."""

    def gallery(_: Request) -> Response:
        return HTMLResponse(gallery_page(mails.mails()))

    def list_mails(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        return JSONResponse([mail.summary() for mail in mails.mails(int(after) if after.isdecimal() else 0)])

    def show_mail(request: Request) -> Response:
        name, suffix = request.path_params["name"], request.path_params["suffix"]
        if name not in mails.names() or suffix not in MEDIA_TYPES:
            return HTMLResponse(not_found_page(), status_code=404)
        return Response(mails.read(f"{name}.{suffix}"), media_type=MEDIA_TYPES[suffix])

    return Starlette(routes=[Route("/", gallery), Route("/mails", list_mails), Route("/mails/{name}.{suffix}", show_mail)])
