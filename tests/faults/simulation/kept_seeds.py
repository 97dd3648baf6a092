"""Seeds of worlds that went wrong once, each with what was found: they are lived through again.

Whoever changes what worlds are made of makes other histories of all seeds. So whatever is found has
a test of its own besides, and these are looked for anew.
"""

FOUND = {
    953: "a text in the place of a price became another: the model took it for a price",
    1376: "whoever came early for slots took one from its holder in the last minute of the lease",
}
