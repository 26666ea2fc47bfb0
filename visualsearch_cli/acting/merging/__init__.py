"""What only a copy knows of its picture is written into an XMP sidecar of the kept file.

`merger` says what that is and where it goes, `sidecar_steps` writes it and takes it out again. No photograph
is ever written to.
"""
