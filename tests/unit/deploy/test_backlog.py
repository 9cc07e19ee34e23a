"""The backlog in `tandem status`: what is zero is left out, so that the one number is seen."""

from deploy.operations.backlog import ROWS, table

ZEROS = {service: ["0"] * len(ROWS) for service in ("intake", "notify")}


def labels(counts: dict[str, list[str]], *, zeros: bool = False) -> list[str]:
    return list(table(counts, zeros=zeros).columns[0].cells)  # type: ignore[arg-type]


def test_only_rows_with_a_count_are_shown() -> None:
    counts = ZEROS | {"notify": ["–" if label == "next timer" else "2" if label == "emails failed" else "0" for label in ROWS]}

    assert labels(counts) == ["emails failed"]


def test_all_rows_are_shown_on_request() -> None:
    assert labels(ZEROS) == []
    assert labels(ZEROS, zeros=True) == list(ROWS)
