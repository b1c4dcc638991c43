"""Performance claims and how they are measured: ratios within one run, whole processes, medians."""
