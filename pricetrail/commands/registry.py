"""Which commands there are: a line each, so that the list of them costs no import of one."""

from typing import NamedTuple

RUNNING, ASKING, PROVING = "Running", "Asking", "Proving"
ALERTS, DATA, KEEPING = "Alerts", "Data", "Keeping"

# In the order of the help.
GROUPS = (RUNNING, ASKING, PROVING, ALERTS, DATA, KEEPING)


class Entry(NamedTuple):
    """A command: the task that it serves, and the first sentence of its help.

    A summary of up to 62 characters is shown whole at 80 columns.
    """

    name: str
    group: str
    summary: str

    @property
    def module(self) -> str:
        """The module that holds the command, imported when it is called."""
        # A keyword of Python's cannot name a module, nor can a hyphen be in its name.
        name = "import_" if self.name == "import" else self.name.replace("-", "_")
        return f"pricetrail.commands.{name}"


REGISTRY = (
    Entry("demo", RUNNING, "See it work: no key, no configuration, only this machine."),
    Entry("init", RUNNING, "Write a commented pricetrail.toml and create the database."),
    Entry("config", RUNNING, "What is wrong with the configuration, and what is in force."),
    Entry("poll", RUNNING, "Poll each SOURCE once, or all, then deliver what is due."),
    Entry("run", RUNNING, "Poll every source at its schedule and deliver, until stopped."),
    Entry("web", RUNNING, "Serve the page and the API until stopped."),
    Entry("doctor", RUNNING, "Check all that polls and deliveries need, a line each."),
    Entry("deliver", RUNNING, "Deliver once what is due: new messages, retries, digests."),
    Entry("models", ASKING, "Show the catalog as it was last seen, or as of a time."),
    Entry("price", ASKING, "Show the prices of MODEL at a time, and how certain they are."),
    Entry("history", ASKING, "Show every change of MODEL, oldest first."),
    Entry("compare", ASKING, "Compare what sources ask for MODEL, or for all that two list."),
    Entry("diff", ASKING, "Compare the catalogs A and B."),
    Entry("events", ASKING, "Show what happened, oldest first: of every source, or of one."),
    Entry("snapshots", ASKING, "Show every version: when it was seen, and what it changed."),
    Entry("coverage", ASKING, "Show which times polls cover, and where and why they do not."),
    Entry("audit", ASKING, "Recompute a bill: what each row of USAGE cost at its time."),
    Entry("whatif", ASKING, "Show what USAGE costs, and would cost with other models."),
    Entry("check-map", ASKING, "Check whether the prices in FILE are those of the gateway."),
    Entry("mcp", ASKING, "Answer an agent's questions over the Model Context Protocol."),
    Entry("verify", PROVING, "Recompute every hash and every row, and name the first break."),
    Entry("head", PROVING, "Print the head of the chain, to be saved elsewhere."),
    Entry("evidence", PROVING, "Write a bundle that proves a price, or check one."),
    Entry("webhooks", ALERTS, "The webhooks of the configuration and the database."),
    Entry("explain", ALERTS, "Say for each webhook what became of EVENT, and why."),
    Entry("deliveries", ALERTS, "What is owed to webhooks, what they took, and what is dead."),
    Entry("silence", ALERTS, "Mute models by glob until a time, with a reason."),
    Entry("quarantine", ALERTS, "Catalogs set aside because they looked wrong."),
    Entry("usage", ALERTS, "What you use of each model, to say what a change costs you."),
    Entry("import", DATA, "Take in past observations from files, folders or git."),
    Entry("convert", DATA, "Show what a gateway's list becomes, and what was not understood."),
    Entry("export", DATA, "Write the history out: prices, events, observations and so on."),
    Entry("sources", KEEPING, "The sources that are known, and their health."),
    Entry("db", KEEPING, "Look after the database."),
    Entry("completion", KEEPING, "Print the script that completes commands in your shell."),
)
