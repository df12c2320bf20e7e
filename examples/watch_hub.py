"""Have GitHub told when a model on the Hub changes: a webhook of the Hub that starts a job there, which calls GitHub.

    python examples/watch_hub.py org/name owner/repository

The Hub's webhooks cannot sign in at GitHub by themselves, so a small job on the Hub does it (it costs a few seconds of
the smallest machine each time). Both tokens come from the environment: `HF_TOKEN`, and `GITHUB_TOKEN`, a fine-grained
token with the permission "Contents: write" on that one repository, which the Hub keeps as a secret of the webhook.
"""

import os
import sys

from huggingface_hub import create_webhook, run_job

CALL = """
import json, os, urllib.request
body = {"event_type": "model-changed", "client_payload": {"model": os.environ["WEBHOOK_REPO_ID"]}}
request = urllib.request.Request(
    f"https://api.github.com/repos/{os.environ['GITHUB_REPOSITORY']}/dispatches",
    data=json.dumps(body).encode(),
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
)
if "WEBHOOK_PAYLOAD" in os.environ:
    urllib.request.urlopen(request)
"""
"""What the job runs; without a payload it is only being registered."""


def main(model: str, repository: str) -> None:
    """Register the job and the webhook."""
    job = run_job(image="python:3.12-slim", command=["python", "-c", CALL], env={"GITHUB_REPOSITORY": repository})
    webhook = create_webhook(
        job_id=job.id,
        watched=[{"type": "model", "name": model}],
        domains=["repo"],
        secrets={"GITHUB_TOKEN": os.environ["GITHUB_TOKEN"]},
    )
    print(f"webhook {webhook.id} tells {repository} of changes to {model}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
