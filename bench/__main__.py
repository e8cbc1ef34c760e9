"""`make bench`: run everything, and write `docs/explanation/performance.md`."""

import os
import platform

from bench import imports, intake, trail
from bench.page import HEAD, PAGE

head = HEAD.format(cores=os.cpu_count(), python=platform.python_version())
PAGE.write_text(f"{head}\n{intake.section()}\n{trail.section()}\n{imports.section()}")
print(f"written: {PAGE.relative_to(PAGE.parents[2])}")
