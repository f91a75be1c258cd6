"""The words every service shares. Pure functions and frozen values, no I/O."""
