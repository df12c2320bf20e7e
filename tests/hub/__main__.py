"""Run the tests' Hub by itself: `python -m hub --seed 1 --latency 0.05 --rate 6250000`, from the folder `tests`.

It prints one line of JSON with its addresses, serves what `scenarios.py` lists, and ends when its standard input does.
A line of JSON on its standard input sets attributes of the Hub (`{"latency": 0.1}`), plans faults (`{"plan": {"3":
"429"}}`) or asks to count anew (`{"forget": true}`); each is answered by a line with what was counted until then.
"""

import argparse
import json
import sys

from hub.scenarios import SCENARIOS
from hub.server import Hub

_SETTABLE = frozenset({"latency", "rate", "xet", "page", "resolve_cache", "signature", "token_lifetime"})


def main() -> None:
    """Serve until nobody asks any more."""
    parser = argparse.ArgumentParser(prog="hub", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="what every number is drawn from")
    parser.add_argument("--port", type=int, default=0, help="of the Hub itself; any free one without")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--rate", type=float, help="bytes in a second")
    parser.add_argument("--xet", default="", choices=["", "v2", "v1", "none"], help="Xet's interface")
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS), help="serve these only")
    options = parser.parse_args()
    with Hub(options.port) as hub:
        hub.latency, hub.rate, hub.xet = options.latency, options.rate, options.xet
        for name in options.scenario or sorted(SCENARIOS):
            SCENARIOS[name](hub, options.seed)
        _say({"endpoint": hub.endpoint, "store": hub.store, "cas": hub.cas, "models": sorted(hub.models)})
        for line in sys.stdin:
            counted = _counted(hub)
            _order(hub, json.loads(line))
            _say(counted)  # once it is done, so that whoever reads this may rely on it


def _counted(hub: Hub) -> dict[str, object]:
    """What was asked for since it began to count, and how many requests were the same as an earlier one."""
    got = [(one.path, one.range, one.on_store) for one in hub.asked if one.method == "GET"]
    repeated = len(got) - len(set(got))
    return {"requests": len(hub.asked), "repeated": repeated, "sent": hub.sent, "struck": hub.faults.struck}


def _order(hub: Hub, order: dict[str, object]) -> None:
    for name, value in order.items():
        if name == "forget":
            hub.forget()
        elif name == "plan" and isinstance(value, dict):
            hub.faults.plan = {int(number): str(fault) for number, fault in value.items()}
        elif name in _SETTABLE:
            setattr(hub, name, value)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
