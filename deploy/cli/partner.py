"""The option --partner: the partner whose topics a command uses."""

import re
from typing import Annotated

import typer

from deploy.errors import UserError


def _valid(id: str) -> str:
    from shared.programme.partner_id import PARTNER_ID_PATTERN

    if not re.fullmatch(PARTNER_ID_PATTERN, id):
        raise UserError(
            f"{id!r} is not a valid partner id: write two or more lowercase letters and digits, single hyphens between them."
        )
    return id


Partner = Annotated[str, typer.Option(help="the partner's id", callback=_valid)]
