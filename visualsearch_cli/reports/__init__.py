"""What was found, to read and to act on: a report of groups, as JSON and as a page with pictures."""
