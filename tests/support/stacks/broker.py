"""Apache's Kafka image as a test container; its advertised port is only known after the container has started."""

from typing import Self

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

PORT = 9092
WAIT_FOR_START_SCRIPT = ["sh", "-c", "while [ ! -s /tmp/start.sh ]; do sleep 0.1; done; exec sh /tmp/start.sh"]
SETTINGS = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_LISTENERS": f"CLIENT://:{PORT},CONTROLLER://:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_INTER_BROKER_LISTENER_NAME": "CLIENT",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_LOG_CLEANER_BACKOFF_MS": "500",
    "KAFKA_HEAP_OPTS": "-Xmx256m",
}


class Broker(DockerContainer):
    """A single broker that is its own controller."""

    def __init__(self, image: str) -> None:
        super().__init__(image, env=dict(SETTINGS))
        self.with_exposed_ports(PORT)
        self._command = WAIT_FOR_START_SCRIPT

    def start(self) -> Self:
        super().start()
        start = f"export KAFKA_ADVERTISED_LISTENERS=CLIENT://{self.bootstrap}\nexec /etc/kafka/docker/run\n"
        self.copy_into_container(start.encode(), "/tmp/start.sh")
        LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(60).wait_until_ready(self)
        return self

    @property
    def bootstrap(self) -> str:
        return f"{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"
