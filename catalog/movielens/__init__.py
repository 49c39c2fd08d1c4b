"""Imports MovieLens data sets: finds the files, reads them row by row, writes them in bulk.

`importer.import_data_set` does it all; `formats` tells the data sets apart by their content.
"""
