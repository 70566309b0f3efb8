"""Where the time goes in each workload, as profiles and counters showed; the report has it beside what is missed.

CPU by thread is from `/proc/PID/task/*/schedstat`, divided by the operators of a run; measured once, not in each run.
"""

NOTES: dict[str, str] = {
    "light40": "some 5 ms to take the run (see `trigger`) and to tell its end, the rest 40 hops (see `chain1000`).",
    "chain1000": (
        "of a hop's 240 µs the worker's Python takes 180 of CPU: putting the process back and looking for "
        "changes in libraries 25, the rest is the frame, the operator with its checks and output, and the "
        "log, on caches gone cold. The thread that decides and dispatches takes 37, on the hop's way; the one"
        " that writes rows 100, beside it on the other processor. Comparing all attributes of libraries, and "
        "an import for each task, had made it 790 more."
    ),
    "noop1000": (
        "the workers' Python takes 124 µs of CPU a task, the engine's threads 53, on two processors; 22 of "
        "these read, bind and key the DAG before the first task begins. The pool's call restores nothing, "
        "writes no rows and keeps no log."
    ),
    "trigger": (
        "binding, keying, and one synced commit (0.45 ms) before the run's id is told; Python begins at about "
        "the same time. Looking at 430 sources for each run had made it 1 ms more: the kernel tells now when "
        "one changed."
    ),
    "handoff": (
        "the table is copied once, into the Arrow file (see the floors), and mapped by its reader, where one "
        "process copies nothing; and the file is synced before the run's end is told."
    ),
    "rows10m": (
        "the operators are pandas': a conversion from Arrow, and a file, for each step. pyarrow itself needs neither."
    ),
    "credit_again": (
        "binding, looking up keys, the commits, and the events' stream on a new connection. Looking at sources "
        "had made it 1 ms more (see `trigger`)."
    ),
    "start": (
        "nearly all is one copy of the libraries' memory, shared by all workers (see the figure of a Python "
        "alone); a worker's own is 10 MB. Scikit-learn, 70 MB of its own, is imported once a run may need it."
    ),
    "burst": "900 operators a second at the measured cost of a task leave little of two processors.",
    "wide": "the thread that writes: rows for a dispatch and an end of each operator.",
}
