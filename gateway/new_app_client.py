"""Prints an entry for the file of registered apps, and its secret once: `python -m gateway.new_app_client --help`."""

import argparse
import json
import secrets

from gateway.app_clients import APP_SCOPES, hash_secret, parse_clients


def new_entry(client_id: str, *, scopes: list[str], division: str, organisation: str, secret: str) -> dict[str, object]:
    """An entry as `app_clients_file` holds it; raises ValueError when the register would refuse it."""
    entry: dict[str, object] = {
        "client_id": client_id,
        "secret_hash": hash_secret(secret),
        "scopes": scopes,
        "division": division,
        "organisation": organisation,
    }
    parse_clients(json.dumps([entry]))
    return entry


def main() -> None:
    parser = argparse.ArgumentParser(description="Register an app: the entry goes into SHOUWANG_APP_CLIENTS_FILE.")
    parser.add_argument("client_id")
    parser.add_argument("--division", required=True)
    parser.add_argument("--organisation", default="")
    parser.add_argument("--scope", action="append", required=True, choices=sorted(APP_SCOPES))
    given = parser.parse_args()
    secret = secrets.token_urlsafe(32)
    entry = new_entry(
        given.client_id,
        scopes=given.scope,
        division=given.division,
        organisation=given.organisation,
        secret=secret,
    )
    print(json.dumps(entry, indent=2, ensure_ascii=False))
    print(f"secret (shown once): {secret}")


if __name__ == "__main__":
    main()
