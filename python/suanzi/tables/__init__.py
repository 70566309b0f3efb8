"""Tables for the server: looks into files, imports them with chosen types, writes them for download.

`python -m suanzi.tables` answers one request and ends. It runs beside the server, which parses no foreign format
itself; nothing here unpickles.
"""
