"""What the machine itself takes, measured in turns with the workloads."""
