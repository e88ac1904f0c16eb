"""What Protego reads out of robots.txt files: cases as JSON on stdin, readings as JSON on stdout."""

import json
import sys

from protego import Protego


def reading(case):
    rules = Protego.parse(case["robots"])
    return {
        "allowed": [rules.can_fetch(url, case["agent"]) for url in case["urls"]],
        "delay": rules.crawl_delay(case["agent"]),
        "sitemaps": list(rules.sitemaps),
    }


def main():
    json.dump([reading(case) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
