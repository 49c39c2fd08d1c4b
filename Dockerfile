# syntax=docker/dockerfile:1
# One image for web, workers and beat; the command decides. See compose.yaml and docs/production.md.

ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends default-libmysqlclient-dev gcc libc6-dev pkg-config
RUN python -m venv /venv
COPY requirements.txt /build/
COPY requirements /build/requirements/
RUN /venv/bin/pip install --no-cache-dir --constraint /build/requirements/constraints.txt \
    --requirement /build/requirements.txt

FROM python:${PYTHON_VERSION}-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin movierec \
    && install --directory --owner movierec /var/lib/movierec/models
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    ACCESS_LOG=- \
    VAR_DIR=/app/var \
    MODEL_DIR=/var/lib/movierec/models
RUN SECRET_KEY=only-while-the-image-is-built python manage.py collectstatic --no-input --verbosity 0
USER movierec
VOLUME /var/lib/movierec/models
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "scripts/check_health.py"]
CMD ["gunicorn", "movierec.wsgi"]
