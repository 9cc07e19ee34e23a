# Two images: `services` runs a service process; `tools` runs the command line, the mail catcher and the demo.
FROM python:3.13-slim AS services-venv
RUN python3 -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
COPY locks/services.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip pip install -q --require-hashes --only-binary :all: -r /tmp/services.txt

FROM services-venv AS tools-venv
COPY locks/demo.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip pip install -q --require-hashes --only-binary :all: -r /tmp/demo.txt

FROM python:3.13-slim AS base
RUN useradd --system --uid 10001 --create-home tandem \
 && install -d -o tandem -g tandem /app /var/lib/tandem /var/lib/mail-catcher
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS services
COPY --from=services-venv /venv /venv
COPY shared shared
COPY deploy/config/policy.toml deploy/config/policy.toml
COPY services services
RUN python -m compileall -q shared services
USER tandem

FROM base AS tools
COPY --from=tools-venv /venv /venv
RUN printf '#!/bin/sh\nexec python -c "from deploy.cli import app; app()" "$@"\n' >/usr/local/bin/tandem && chmod +x /usr/local/bin/tandem
COPY shared shared
COPY services services
COPY deploy deploy
COPY pyproject.toml .
RUN python -m compileall -q shared services deploy
USER tandem
