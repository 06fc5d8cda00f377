"""Traces by OpenTelemetry, an extra: one for each item of the inbox, with what it asked of others as its spans.

Nothing here takes the place of a library's own instrumentation, and none of those is used: what they put into spans is
not ours to say. Names and ids and numbers leave, and what an error is called; never a word of people's, SQL or a row.
"""
