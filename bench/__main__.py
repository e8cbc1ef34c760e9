"""`make bench`: run everything; the intake's figures are written to `docs/explanation/performance.md`."""

from bench import imports, intake, trail

intake.main()
print("what the chained trail costs: unchained/s, chained/s, ratio", flush=True)
trail.main()
print("markers brought in beside 50 events a second: milliseconds are median, p99 and worst of a post", flush=True)
imports.main(imports.ROWS // 5)
