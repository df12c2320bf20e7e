"""`semverlint cache`: what is kept of the Hub on this disk."""

import typer

from semverlint.cli import app
from semverlint.errors import UsageError

cache = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(cache, name="cache")


@cache.callback()
def about() -> None:
    """Look at what is kept of the Hub on this disk, or remove it.

    Trees are kept by their commit, headers and other ranges by the digest of
    their file: neither ever changes, so a second run asks the Hub for the
    names of its revisions and for nothing else. What was not used for longest
    goes first when the limit is reached.

    The environment variable SEMVERLINT_CACHE sets another folder; set to
    nothing, it turns the cache off. What the Hub's own client has downloaded
    is used as well, and never touched.

    \b
    Example: semverlint cache info
    """  # noqa: D301 - click's mark for lines to keep


@cache.command()
def info() -> None:
    """Say where the cache stands, what it holds, how large it may become.

    \b
    Example: semverlint cache info
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.sources.cache import LIMIT, Cache, cache_folder  # noqa: PLC0415 - --help needs none of it
    from semverlint.text import clean, plural, size  # noqa: PLC0415 - likewise

    kept = Cache(cache_folder())
    if kept.place is None:
        print("The cache is off: SEMVERLINT_CACHE is set to nothing.")
        return
    usage = kept.usage()
    print(clean(kept.place, 4096))
    for one in usage:
        print(f"  {one.kind:<10} {plural(one.entries, 'entry', 'entries'):>16} {size(one.bytes):>12}")
    total = size(sum(one.bytes for one in usage))
    print(f"{total} of {size(LIMIT)}" if usage else f"It is empty, and holds {size(LIMIT)} at most.")


@cache.command()
def clear() -> None:
    """Remove everything that is kept.

    \b
    Example: semverlint cache clear
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.sources.cache import Cache, cache_folder  # noqa: PLC0415 - --help needs none of it
    from semverlint.text import clean, plural  # noqa: PLC0415 - likewise

    kept = Cache(cache_folder())
    entries = sum(one.entries for one in kept.usage())
    try:
        kept.clear()
    except OSError as error:
        raise UsageError(
            f"{clean(kept.place)}: cannot be removed ({error.strerror})", "check its permissions"
        ) from None
    print(f"{plural(entries, 'entry', 'entries')} removed.")
