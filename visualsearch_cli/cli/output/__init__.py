"""What is printed: results on stdout as tables, JSON, CSV or paths, everything else on stderr."""
