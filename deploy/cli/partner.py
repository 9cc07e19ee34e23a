"""The option --partner: whose topics are spoken on."""

import re
from typing import Annotated

import typer

from deploy.errors import UserError


def _known(id: str) -> str:
    from shared.programme.policy import PARTNER_ID_PATTERN

    if not re.fullmatch(PARTNER_ID_PATTERN, id):
        raise UserError(f"{id!r} cannot be a partner's id: two or more small letters and digits, single hyphens between them.")
    return id


Partner = Annotated[str, typer.Option(help="the partner who speaks", callback=_known)]
