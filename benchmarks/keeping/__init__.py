"""Which of two copies is kept? Each photograph has one original and copies of forty kinds that are worse."""
