"""The routes that every service has, a file for each thing that operators look at or set going."""
