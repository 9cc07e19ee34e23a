"""The judgement after a run: receipts, recipients, processes, logs, and the checker of the fault injection."""

from collections import Counter

from deploy.partner_client.record import RecordPosition
from deploy.stack.services import MODULES
from shared.programme.policy import load_policy
from tests.fault_injection.history.collector import SUBMISSION_TOPICS
from tests.fault_injection.run_context import NotQuiet, RunContext
from tests.fuzz import oracles
from tests.fuzz.report import Report
from tests.support.topic_reader import TopicReader


async def conclude(run: RunContext, report: Report) -> None:
    """Wait until the stack is quiet, then add everything that must not have happened."""
    try:
        await run.wait_quiet()
    except NotQuiet as error:
        report.add("the stack does not become quiet", error)
    for violation in await run.check():
        report.add(f"broken promise {violation.invariant}", violation.description)
    for end in run.unexpected_ends():
        report.add("a process or a task ended", end)
    for name, _ in run.processes.exits:
        report.add("a process was restarted", name)
    await _judge_recipients(run, report)
    _judge_logs(run, report)
    report.counts |= {f"receipts: {outcome}": n for outcome, n in Counter(it.outcome for it in run.receipts.values()).items()}
    report.counts["emails received"] = len(run.cluster.mail_server.received)


async def _judge_recipients(run: RunContext, report: Report) -> None:
    """No address received an email unless it was accepted, or is the programme's own."""
    policy = load_policy(run.cluster.var / "policy.toml")
    staff = {contact.email.lower() for contact in (policy.mediator, policy.advice_team, policy.lead)}
    records = await TopicReader(run.cluster.endpoints.kafka, SUBMISSION_TOPICS).read_to_end()
    values = {RecordPosition(it.topic, it.partition, it.offset): it.value for it in records}
    accepted = staff | oracles.accepted_addresses(values, run.receipts)
    for recipient in oracles.unaccepted(run.cluster.mail_server.envelope_recipients, accepted):
        report.add("an email was sent to an address that was not accepted", recipient)
    report.counts["addresses: accepted"] = len(accepted)
    report.counts["addresses: reached"] = len(set(run.cluster.mail_server.envelope_recipients))


def _judge_logs(run: RunContext, report: Report) -> None:
    """No log holds a traceback or personal data."""
    for name in MODULES:
        lines = (run.cluster.var / f"log/{name}.log").read_text(errors="replace").splitlines()
        report.counts[f"log lines: {name}"] = len(lines)
        for finding, line in oracles.log_findings(lines):
            report.add(f"{name}: {finding}", line)
