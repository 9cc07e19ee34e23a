"""Receipts in the terminal."""

from deploy.partner_client.receipts_view import receipt_lines


def test_the_id_that_tandem_gave_has_a_label() -> None:
    receipt = {"outcome": "accepted", "tandem_id": "3f2b8a52-5c6e-5e0b-8f4e-000000000001"}

    (line,) = receipt_lines("event.json", receipt, "accepted")

    assert "Tandem id: 3f2b8a52-5c6e-5e0b-8f4e-000000000001" in line
