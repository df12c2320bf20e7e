"""Have GitHub told when a model on the Hub changes: a webhook of the Hub that starts a job there, which calls GitHub.

    python examples/watch_hub.py org/name owner/repository

The Hub's webhooks cannot sign in at GitHub by themselves, so a small job on the Hub does it (it costs a few seconds of
the smallest machine each time). Both tokens come from the environment: `HF_TOKEN`, and `GITHUB_TOKEN`, a fine-grained
token with the permission "Contents: write" on that one repository, which the Hub keeps as a secret of the webhook.
`GITHUB_API_URL` names another GitHub than github.com.
"""

import os
import sys

from huggingface_hub import create_webhook, run_job

CALL = """
import json, os, sys, urllib.request
if "WEBHOOK_PAYLOAD" not in os.environ:
    sys.exit()
body = {"event_type": "model-changed", "client_payload": {"model": os.environ["WEBHOOK_REPO_ID"]}}
request = urllib.request.Request(
    f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/dispatches",
    data=json.dumps(body).encode(),
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
)
urllib.request.urlopen(request)
"""
"""What the job runs; without a payload it is only being registered."""


def main(model: str, repository: str) -> None:
    """Register the job and the webhook."""
    token = os.environ.get("GITHUB_TOKEN") or sys.exit("set GITHUB_TOKEN to a token that may write to the repository")
    place = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    known = {"GITHUB_REPOSITORY": repository, "GITHUB_API_URL": place}
    job = run_job(image="python:3.12-slim", command=["python", "-c", CALL], env=known)
    webhook = create_webhook(
        job_id=job.id,
        watched=[{"type": "model", "name": model}],
        domains=["repo"],
        secrets={"GITHUB_TOKEN": token},
    )
    print(f"webhook {webhook.id} tells {repository} of changes to {model}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/watch_hub.py org/name owner/repository")
    main(sys.argv[1], sys.argv[2])
