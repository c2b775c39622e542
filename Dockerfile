FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home portal

WORKDIR /srv/portal
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# The style files need no secret: the keys of this one command are thrown away with it.
RUN mkdir -p var/media \
    && key() { python -c 'import secrets; print(secrets.token_urlsafe(50))'; } \
    && SECRET_KEY=$(key) CODE_KEY=$(key) ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:///:memory: \
        python manage.py collectstatic --noinput \
    && chown -R portal var

USER portal
EXPOSE 8000
# Two workers for each core are plenty; the timeout is that of a database statement.
CMD ["gunicorn", "liaison.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--timeout", "30", \
     "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
