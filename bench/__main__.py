"""`make bench`: run everything, and write `docs/explanation/performance.md`.

`make bench ARGS="intake trail"` measures these alone; what the page says of the others stays.
"""

import os
import platform
import sys

from bench import console, imports, intake, lists, matching, patterns, queue, trail
from bench.page import HEAD, PAGE, parts_of, put_together

SECTIONS = {
    "intake": intake.section, "matching": matching.section, "trail": trail.section, "imports": imports.section,
    "patterns": patterns.section, "queue": queue.section, "lists": lists.section, "console": console.section,
}  # fmt: skip

asked = sys.argv[1:] or list(SECTIONS)
unknown = [name for name in asked if name not in SECTIONS]
if unknown:
    sys.exit(f"no such section: {', '.join(unknown)} (there are {', '.join(SECTIONS)})")
head = HEAD.format(cores=os.cpu_count(), python=platform.python_version())
for name in asked:
    told = parts_of(PAGE.read_text() if PAGE.exists() else "")
    told[name] = SECTIONS[name]()
    # After each: an hour's work is not lost to what comes last.
    PAGE.write_text(put_together(head, {name: told[name] for name in SECTIONS if name in told}))
    print(f"written: {name} in {PAGE.relative_to(PAGE.parents[2])}")
