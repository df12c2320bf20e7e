"""What a refusal of the Hub means, in one line, with the way out."""

from typing import Any
from urllib.parse import urlsplit

from semverlint.errors import SourceError
from semverlint.sources.hub.settings import endpoint
from semverlint.text import clean

_NOT_THERE = frozenset({401, 404, 410})
_BY_CODE = {
    "RevisionNotFound": ("has no such revision", "look at its tags and branches"),
    "EntryNotFound": ("no longer has a file that it listed", "try again"),
}
_BY_STATUS = {
    403: (": your token may not read it", "check the token with `hf auth whoami`"),
    429: (": the Hub asks for a pause (429)", "try again in five minutes, logged in for a larger quota"),
    451: (" is not available here for legal reasons", "see its page on the Hub"),
}


class RefusedError(SourceError):
    """An answer that is an error.

    Attributes:
        status: Its number in HTTP.
    """

    def __init__(self, status: int, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.status = status


def refusal(subject: str, answer: Any, *, let_in: bool, token: bool) -> RefusedError:  # noqa: ANN401 - the HTTP library's
    """What an answer of 400 and above means.

    Args:
        subject: What was asked about, as it is shown: a repository, mostly.
        answer: The HTTP library's.
        let_in: Whether the Hub has answered about the same subject in this run.
        token: Whether a token was sent.
    """
    problem, remedy = _meaning(subject, answer, let_in=let_in, token=token)
    return RefusedError(answer.status_code, problem, remedy)


def _meaning(subject: str, answer: Any, *, let_in: bool, token: bool) -> tuple[str, str]:  # noqa: ANN401, PLR0911 - likewise; a sentence a refusal
    status, code = answer.status_code, answer.headers.get("X-Error-Code", "")
    said = answer.headers.get("X-Error-Message", "").lower()
    page = f"{urlsplit(endpoint()).scheme}://{host()}/{subject}"
    if code == "GatedRepo" or "gated" in said:
        if token:
            return f"{subject} is gated", f"ask for access at {page} with the account of your token"
        return f"{subject} is gated", f"accept its terms at {page}, then log in with `hf auth login`"
    if code in _BY_CODE:
        return f"{subject} {_BY_CODE[code][0]}", _BY_CODE[code][1]
    if "disabled" in said:
        return f"{subject} was disabled by the Hub", f"see {page}"
    if code == "RepoNotFound" or status in _NOT_THERE:
        if let_in:
            return (
                f"{subject}: the Hub answered before and now refuses ({status})",
                "it was removed or made private, or your token has expired: see `hf auth whoami`, and try again",
            )
        remedy = "check the name, and log in with `hf auth login` if it is private"
        if token:
            remedy = "check the name: it was deleted or never there, or the account of your token may not see it"
        return f"{subject} does not exist, or is private", remedy
    if status in _BY_STATUS:
        return f"{subject}{_BY_STATUS[status][0]}", _BY_STATUS[status][1]
    return f"{subject}: the server answers {status}", "try again later"


def unreachable(subject: str, error: Exception) -> SourceError:
    """Why no answer came. The HTTP library's own words are left out: they may quote an address with a password."""
    kind = type(error).__name__
    if "Redirect" in kind:
        return SourceError(f"{subject}: the server sends the reader round in circles", "check HF_ENDPOINT")
    problem = f"{host()} is silent" if "Timeout" in kind else f"{host()} cannot be reached"
    return SourceError(f"{subject}: {problem}", "check the network, or use --offline for what was downloaded before")


def too_slow(subject: str) -> SourceError:
    """An answer that trickles."""
    return SourceError(f"{subject}: {host()} answers too slowly to wait for", "try again on a better network")


def nonsense(subject: str) -> SourceError:
    """An answer that is none of the Hub's."""
    return SourceError(f"{subject}: the server's answer cannot be understood", "check HF_ENDPOINT")


def host() -> str:
    """The endpoint's host as it is shown: an address may hold a password."""
    return clean(urlsplit(endpoint()).netloc.rpartition("@")[2])
