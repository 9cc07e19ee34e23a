"""An email rendered by jinja2 alone: subject, HTML and text, without inlined styles, wrapped lines or a calendar entry."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, Template

from services.notify.templating import environment, front_matter


def compile_templates(template: str) -> tuple[Template, Template, Template]:
    """Return the templates of the subject, the HTML part and the text part, compiled once."""
    ours = environment()
    options: Any = {"undefined": ours.undefined, "trim_blocks": True, "lstrip_blocks": True}
    plain = Environment(loader=ours.loader, autoescape=ours.autoescape, **options)
    plain.filters |= ours.filters
    html, text = (plain.get_template(f"mails/{template}.{suffix}") for suffix in ("html", "txt"))
    return plain.from_string(front_matter(template).subject), html, text


def render(templates: tuple[Template, Template, Template], context: Mapping[str, Any]) -> list[str]:
    """Return the three rendered texts."""
    return [template.render(context) for template in templates]
