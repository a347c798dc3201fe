"""The palette: what every built-in module is called, takes, gives and does.

A module is one file in a folder named by its category: ``SPEC`` on top, ``run(inputs, values)`` below. Heavy
libraries are imported inside ``run``, so that the palette is read without them; what several modules do alike
to tables is in ``tables/``. Start with ``catalogue.py``.
"""
