"""Tests of `pictures.codecs`."""
