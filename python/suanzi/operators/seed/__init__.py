"""The mission's own operators, under their names of 2018 (`algo_local_*`)."""
