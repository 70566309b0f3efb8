"""The operators that ship with Suanzi: a folder per category, a file per operator; `seed` holds the mission's six."""
