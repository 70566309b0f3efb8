"""A package below the operators' directory."""
