"""Which models run on torch? Towers of open_clip and SSCD. Importing any of these modules takes seconds."""
