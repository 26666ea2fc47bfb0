"""What is drawn, a module a family of kinds. Each kind is a function that draws on an empty sheet."""
