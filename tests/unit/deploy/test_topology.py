"""What leads from the topics that are there to the topics that the file declares."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from deploy.provision.kafka_admin import TopicSpec
from deploy.provision.topology import Declaration, Step, declared, steps

TOPIC = TopicSpec(partitions=12, replication=1, settings={"cleanup.policy": "delete"})


def actions(wanted: TopicSpec, found: TopicSpec) -> list[str]:
    return [step.action for step in steps({"tandem.intake": wanted}, {"tandem.intake": found})]


def test_a_topic_that_is_missing_is_made() -> None:
    assert steps({"tandem.intake": TOPIC}, {}) == [
        Step("tandem.intake", "create", "12 partitions, copies: 1, cleanup.policy=delete")
    ]


def test_a_topic_that_is_as_declared_is_left_alone() -> None:
    assert actions(TOPIC, replace(TOPIC, id="1f0e")) == ["same"]


def test_growing_says_that_outboxes_run_empty_first() -> None:
    [step] = steps({"tandem.intake": replace(TOPIC, partitions=24)}, {"tandem.intake": TOPIC})

    assert step.action == "grow"
    assert step.detail.startswith("12 → 24 partitions; first let every outbox run empty")


def test_fewer_partitions_are_refused() -> None:
    assert actions(replace(TOPIC, partitions=6), TOPIC) == ["refused"]


def test_another_number_of_copies_is_refused() -> None:
    assert actions(replace(TOPIC, replication=3), TOPIC) == ["refused"]


def test_a_setting_that_somebody_changed_is_shown_with_both_values() -> None:
    now = replace(TOPIC, settings={"cleanup.policy": "compact", "segment.ms": "1000"})

    assert steps({"tandem.intake": TOPIC}, {"tandem.intake": now}) == [
        Step("tandem.intake", "settings", "cleanup.policy: compact → delete, segment.ms: 1000 → default")
    ]


def test_a_topic_that_nobody_declared_is_shown_and_left_alone() -> None:
    assert steps({}, {"tandem.old": TOPIC}) == [Step("tandem.old", "extra", "not in the file; left alone")]


def test_each_partner_has_two_topics_of_its_own() -> None:
    partners = {name for name in declared().wanted() if ".partner." in name}

    assert partners == {"tandem.partner.demo.submissions", "tandem.partner.demo.receipts"}


def test_every_declared_topic_has_twelve_partitions() -> None:
    assert {topic.partitions for topic in declared().wanted().values()} == {12}


@pytest.mark.parametrize("partner", ["Foo Bar", "x", "two--hyphens", "ends-"])
def test_a_partner_whose_topic_intake_would_not_hear_is_refused(partner: str) -> None:
    with pytest.raises(ValidationError, match="partners"):
        Declaration.model_validate({"replication": 1, "partners": [partner], "topics": []})


def test_a_misspelt_word_in_the_file_is_refused() -> None:
    with pytest.raises(ValidationError, match="replicas"):
        Declaration.model_validate({"replicas": 1, "partners": [], "topics": []})
