//! Queues attempts, dispatches each by type to an executor, watches it and calls the dag engine back.
