"""How history is packed, so that a database stays below twice the size of a git repository.

A codec is a module with two verbs: `encode` makes what a column holds, and `decode` makes the value
again, to the byte; what was damaged raises an error. None of them reads the database.

`bodies`
    A body as served, which is the evidence. A full one is zstd by itself; each one after it is a
    byte delta against the body of the version before where little changed, else zstd with that body
    as its dictionary, for at most 512 versions or 256 MiB of decompression, then comes a full one
    again. `history.bodies` walks such a chain. What is packed to the same bytes for several
    versions, of whatever sources, is stored once (`history.shared_bodies`).

`documents`
    One model's document. The first is a *keyframe*: zstd against a sample of what all models look
    like. Later ones are a byte delta against that keyframe, never against each other, so that
    reading any of them takes two steps. Where a delta would be longer than a quarter of the
    document, the document becomes the next keyframe.

`byte_delta`
    What turns one text into another: how many bytes stay, how many go, which come. A price that
    moves in its last digit takes five bytes where zstd takes twenty, and reading it back takes half
    the time of decompressing (a whole catalog at a time has to come in three times `json.loads`).

`changes`
    The changes of an event that documents and prices do not tell: a path and two values each, and
    nothing that can be worked out from those.

`stored_json`
    JSON in a text column, read back in the shape that it was written in.

Beside these, `storage.types` keeps words of which there are thousands (types of events, outcomes of
polls) as one letter, and `storage.database` chooses pages of 2 KiB. On the real history (941
versions, 82 MB of JSON) the database is about 1.9 times the size of git's repository of the same
file. Without byte deltas of documents it would be 2.2, of bodies 2.0, with pages of 4 KiB 2.1, with
words as words 2.0, and without all of this 3.4 times that size: each is measured, and each earns
its place.
"""
