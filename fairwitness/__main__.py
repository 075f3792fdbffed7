# SPDX-License-Identifier: Apache-2.0
"""Entry: `fairwitness` and `python -m fairwitness`. Exit codes: 0 good, 1 does not verify, 2 usage or surroundings."""

from __future__ import annotations

import sys

from fairwitness.cli import run
from session import EnvironmentFault, IntegrityFault

GOOD, DOES_NOT_VERIFY, SURROUNDINGS = 0, 1, 2


def main() -> None:
    """Runs one command and exits with its code; a fault is told in words, a bug with its trace."""
    try:
        code = run(sys.argv[1:])
    except EnvironmentFault as fault:
        sys.stderr.write(f"fairwitness: {fault}\n")
        code = SURROUNDINGS
    except IntegrityFault as fault:
        sys.stderr.write(f"fairwitness: this does not verify: {fault}\n")
        code = DOES_NOT_VERIFY
    except KeyboardInterrupt:
        code = SURROUNDINGS
    sys.exit(code)


if __name__ == "__main__":
    main()
