"""Where the time goes in each workload, as profiles and counters showed; the report has it beside what is missed."""

NOTES: dict[str, str] = {}
