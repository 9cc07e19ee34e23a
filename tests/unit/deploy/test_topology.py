"""The steps from the existing topics to the declared ones."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from deploy.provision.kafka_admin import TopicSpec
from deploy.provision.topology import Declaration, Step, load_declaration, plan_steps

TOPIC = TopicSpec(partitions=12, replication=1, settings={"cleanup.policy": "delete"})


def actions(declared: TopicSpec, existing: TopicSpec) -> list[str]:
    return [step.action for step in plan_steps({"tandem.intake": declared}, {"tandem.intake": existing})]


def test_missing_topic_is_created() -> None:
    assert plan_steps({"tandem.intake": TOPIC}, {}) == [
        Step("tandem.intake", "create", "12 partitions, replication 1, cleanup.policy=delete")
    ]


def test_topic_as_declared_is_left_alone() -> None:
    assert actions(TOPIC, replace(TOPIC, id="1f0e")) == ["same"]


def test_growing_a_topic_requires_drained_outboxes() -> None:
    [step] = plan_steps({"tandem.intake": replace(TOPIC, partitions=24)}, {"tandem.intake": TOPIC})

    assert step.action == "grow"
    assert step.detail.startswith("12 → 24 partitions; wait until every outbox is empty")


def test_removing_partitions_is_refused() -> None:
    assert actions(replace(TOPIC, partitions=6), TOPIC) == ["refused"]


def test_changing_the_replication_is_refused() -> None:
    assert actions(replace(TOPIC, replication=3), TOPIC) == ["refused"]


def test_changed_setting_is_shown_with_both_values() -> None:
    changed = replace(TOPIC, settings={"cleanup.policy": "compact", "segment.ms": "1000"})

    assert plan_steps({"tandem.intake": TOPIC}, {"tandem.intake": changed}) == [
        Step("tandem.intake", "settings", "cleanup.policy: compact → delete, segment.ms: 1000 → default")
    ]


def test_undeclared_topic_is_shown_and_left_alone() -> None:
    assert plan_steps({}, {"tandem.old": TOPIC}) == [Step("tandem.old", "extra", "not declared; left alone")]


def test_each_partner_has_two_topics() -> None:
    partners = {name for name in load_declaration().topic_specs() if ".partner." in name}

    assert partners == {"tandem.partner.demo.submissions", "tandem.partner.demo.receipts"}


def test_every_declared_topic_has_twelve_partitions() -> None:
    assert {topic.partitions for topic in load_declaration().topic_specs().values()} == {12}


@pytest.mark.parametrize("partner", ["Foo Bar", "x", "two--hyphens", "ends-"])
def test_partner_id_that_intake_would_not_match_is_refused(partner: str) -> None:
    with pytest.raises(ValidationError, match="partners"):
        Declaration.model_validate({"replication": 1, "partners": [partner], "topics": []})


def test_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="replicas"):
        Declaration.model_validate({"replicas": 1, "partners": [], "topics": []})
