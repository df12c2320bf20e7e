"""Make the git bundle of an example from folders of releases, the same bytes every time.

    python scripts/example_bundle.py RELEASES BUNDLE

RELEASES holds one folder a version (`0.1.0/`, `0.1.1/`, …), each with the model files of that release. Every version
becomes one commit with a tag `v0.1.0`. Dates and names of the commits are made up, so that they do not vary.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.version import Version

ENVIRONMENT = {
    **os.environ,
    **{f"GIT_{who}_NAME": "semverlint examples" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "examples@semverlint.invalid" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def main(releases: Path, bundle: Path) -> None:
    """Write the bundle."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder)

        def git(*arguments: str, date: str = "2025-01-01T00:00:00Z") -> None:
            environment = {**ENVIRONMENT, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
            subprocess.run(["git", "-C", str(clone), *arguments], check=True, env=environment)  # noqa: S603, S607 - our own

        git("init", "--quiet", "--initial-branch=main")
        versions = sorted((path for path in releases.iterdir() if path.is_dir()), key=lambda path: Version(path.name))
        for day, release in enumerate(versions, start=1):
            for stale in clone.iterdir():
                if stale.name != ".git":
                    stale.unlink()
            for file in sorted(release.iterdir()):
                shutil.copy(file, clone / file.name)
            git("add", "--all")
            git(
                "commit",
                "--quiet",
                "--allow-empty",
                f"--message=Release {release.name}",
                date=f"2025-01-{day:02}T00:00:00Z",
            )
            git("tag", f"v{release.name}")
        git("-c", "pack.threads=1", "repack", "-adq")
        git("bundle", "create", "--quiet", str(bundle.resolve()), "--all")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
