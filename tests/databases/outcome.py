"""Prints what a run came to, without what differs from run to run: operators with their states, then the metrics."""

import json
import sys

report = json.load(sys.stdin)
for operator in report["operators"]:
    print(operator["id"], operator["status"], [output["type"] for output in operator["outputs"]])
print(json.dumps(report["metrics"], sort_keys=True))
