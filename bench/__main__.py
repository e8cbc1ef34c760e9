"""`make bench`: run everything, and write `docs/explanation/performance.md`."""

from bench.intake import main

main()
