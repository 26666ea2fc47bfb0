"""Hidden: the tables of the catalog in SQLite, their rows, and the steps from one format to the next."""
