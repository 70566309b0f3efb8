"""What the benchmarks share: the program under test, samples taken in turns, figures with their targets."""
