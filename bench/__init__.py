"""Benchmarks: ratios within one run, against a stated limit. Machines are shared: absolute figures are no promise."""
