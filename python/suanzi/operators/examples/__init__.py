"""An example of each operator: what the contract suite runs and the documentation shows."""
