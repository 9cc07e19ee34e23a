"""The web interface: a list of all emails or of one person's, each email, and the list as JSON."""

from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.mail_catcher.maildir import MailDir, neighbours
from deploy.mail_catcher.pages import Selection, gallery_page, mail_page, not_found_page


def web_app(mails: MailDir) -> Starlette:
    """Serve `/` (list), `/mails?after=NUMBER` (JSON, oldest first), `/mails/NAME.html` and `/mails/NAME.eml`."""

    def gallery(request: Request) -> Response:
        return HTMLResponse(gallery_page(mails.summaries(), selection=_selection(request)))

    def list_mails(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        return JSONResponse(mails.summaries(int(after) if after.isdecimal() else 0))

    def show_mail(request: Request) -> Response:
        name, suffix = request.path_params["name"], request.path_params["suffix"]
        if name not in mails.names() or suffix not in ("html", "eml"):
            return HTMLResponse(not_found_page(), status_code=404)
        if suffix == "eml":
            return Response(mails.read(f"{name}.eml"), media_type="text/plain")
        return HTMLResponse(_mail_page(mails, name, _selection(request)))

    return Starlette(routes=[Route("/", gallery), Route("/mails", list_mails), Route("/mails/{name}.{suffix}", show_mail)])


def _selection(request: Request) -> Selection:
    return Selection(request.query_params.get("to", ""), request.query_params.get("order") == "newest")


def _mail_page(mails: MailDir, name: str, selection: Selection) -> str:
    """The page of an email; its neighbours are those in the selection, from which the reader came."""
    query = f"?{urlencode({'to': selection.to})}" if selection.to else ""
    names = mails.names()
    if selection.to:
        names = [mail["name"] for mail in mails.summaries() if mail["to"] == selection.to or mail["name"] == name]
    return mail_page(mails.mail(name), neighbours(names, name), f"/{query}", query)
