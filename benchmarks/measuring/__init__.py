"""How a benchmark measures: processes and their trees, processor quotas, load by wrk, tables of figures."""
