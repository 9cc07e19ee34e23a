"""The form of a partner's id, which is part of its topics' names. Apart from the policy, which is slow to import."""

from typing import Final

PARTNER_ID_PATTERN: Final = r"[a-z0-9](?:-?[a-z0-9]){1,38}"
