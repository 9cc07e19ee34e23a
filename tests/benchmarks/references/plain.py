"""A mail as jinja2 alone renders it: subject, HTML and text, nothing inlined, nothing wrapped, no calendar."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, Template

from services.notify.templating import environment, front_matter


def templates(template: str) -> tuple[Template, Template, Template]:
    """The same templates, compiled once, as jinja2's documentation has it."""
    ours = environment()
    how: Any = {"undefined": ours.undefined, "trim_blocks": True, "lstrip_blocks": True}
    plain = Environment(loader=ours.loader, autoescape=ours.autoescape, **how)
    plain.filters |= ours.filters
    names = (f"mails/{template}.html", f"mails/{template}.txt")
    html, text = (plain.get_template(name) for name in names)
    return plain.from_string(front_matter(template).subject), html, text


def render(compiled: tuple[Template, Template, Template], said: Mapping[str, Any]) -> list[str]:
    """The three texts."""
    return [template.render(said) for template in compiled]
