# One image for the four services and the gateway; the command says which. Nothing of the embedded engines is in it.
FROM python:3.11-slim AS build
COPY requirements-service.lock /build/
RUN python -m venv /opt/shouwang && /opt/shouwang/bin/pip install --no-cache-dir --require-hashes -r /build/requirements-service.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home shouwang
COPY --from=build /opt/shouwang /opt/shouwang
WORKDIR /app
COPY contracts contracts
COPY chassis chassis
COPY services services
COPY gateway gateway
ENV PATH=/opt/shouwang/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
CMD ["python", "-m", "gateway", "serve"]
