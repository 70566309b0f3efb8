"""What is the same for all systems: what tasks do, how a sample is taken, which values are right."""
