# One image for every part; the argument says which: api, worker, line, migrate or phones.
# The environment is made by the script that `make up` runs, from the same locked requirements.
FROM python:3.12-slim-bookworm AS build
# strip, for what is compiled; this stage is thrown away.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/tingting
COPY pyproject.toml README.md LICENSE LICENSES.md ./
COPY requirements requirements
COPY scripts scripts
COPY app app
COPY workers workers
COPY migrations migrations
RUN UV_LINK_MODE=copy sh scripts/environment.sh run \
    && sh scripts/trim-image.sh \
    && .venv/bin/python -m compileall -q .venv/lib app workers migrations

FROM python:3.12-slim-bookworm
RUN groupadd --system --gid 10001 tingting \
    && useradd --system --uid 10001 --gid tingting --home-dir /data --shell /usr/sbin/nologin tingting \
    && install -d -o tingting -g tingting -m 700 /data /data/blobs
COPY --from=build /srv/tingting /srv/tingting
ENV PATH=/srv/tingting/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TINGTING_HOME=/data \
    TINGTING_HTTP_HOST=0.0.0.0 \
    TINGTING_METRICS_PORT=9100
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000/tcp
# A line worker finishes its calls on SIGTERM; a second one hangs them up.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tingting"]
CMD ["api"]
