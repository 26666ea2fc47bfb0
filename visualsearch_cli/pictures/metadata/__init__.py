"""What is known of a picture beside what it shows: when, where, who, how good, and what did people write?

A file knows it by its EXIF, IPTC and XMP (`embedded`), a sidecar by its XMP (`xmp`), Takeout's JSON by its
fields (`takeout_facts`). `values` says what one file knows and another one does not; `sidecar_text` puts that
into the text of an XMP sidecar, of which not a byte is changed otherwise. Nothing here touches a file.
"""
