# doorstep in a container; how to build and run it: docs/operations.md, "In a container".

FROM python:3.13-slim-trixie AS build
WORKDIR /build
RUN python -m venv --without-pip /opt/doorstep
COPY requirements/run.txt requirements/
# Only what the lock names by its hash, and nothing that would have to be compiled first.
RUN pip --python /opt/doorstep install --no-cache-dir --require-hashes --only-binary :all: \
    -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src/
RUN pip --python /opt/doorstep install --no-cache-dir --no-index --no-deps --no-build-isolation .

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="doorstep" \
      org.opencontainers.image.description="A self-hosted order-lifecycle service" \
      org.opencontainers.image.licenses="Apache-2.0"
# Fixed numbers, so that a volume's files belong to the same user in every later image.
RUN groupadd --gid 10001 doorstep \
 && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /data \
    --shell /usr/sbin/nologin doorstep \
 && install -d -m 700 -o doorstep -g doorstep /data
COPY --from=build /opt/doorstep /opt/doorstep
ENV PATH=/opt/doorstep/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    DOORSTEP_HOST=0.0.0.0 \
    DOORSTEP_PORT=8080
USER 10001:10001
# The database is doorstep.db in the working directory, unless DOORSTEP_DATABASE says otherwise;
# were the variable set here, DOORSTEP_DATABASE_FILE beside it would be refused.
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# http.client goes past a proxy that the environment may name.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "\
import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', os.environ['DOORSTEP_PORT'], timeout=3); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
ENTRYPOINT ["doorstep"]
CMD ["serve"]
