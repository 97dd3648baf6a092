"""Seeds of worlds that went wrong once, each with what was found in it."""

SQLITE = {
    43: "a fetch that waited for minutes made another difference of a gateway's wrong clock",
    1057: "whoever came early for slots took one from its holder in the last minute of the lease",
    3551: "a worker that was stopped before it claimed took a message from its sender",
}
POSTGRES: dict[int, str] = {}
