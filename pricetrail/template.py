"""The configuration that `pricetrail init` writes: every key, the optional ones commented out."""

TEMPLATE = """\
# pricetrail's configuration. A value "env:NAME" is read from the environment, "file:PATH" from a
# file: keep secrets out of here. Every key is explained in docs/configuration.md.

# Where everything is kept; or "postgresql+psycopg://USER:PASSWORD@HOST/NAME". A relative path
# lies beside this file.
database_url = "sqlite:///pricetrail.db"

# One catalog as one API key sees it. Add as many as you like, each with a name of its own.
[sources.pipellm]
url = "https://api.pipellm.ai/v1/models"
api_key = "env:PIPELLM_API_KEY"
# dialect = "pipellm"          # or "openrouter", "litellm" …: how the list is written
# keep = ["/architecture"]     # of another dialect's own fields: what is to be kept besides
# auth = "bearer"              # or "x-api-key"; "none" for a public list, without api_key
# schedule = "*/15 * * * *"    # crontab, or "every 15m"; `pricetrail run` goes by it
# timezone = "UTC"
# confirm_removals = 1         # polls that must agree before a removal is announced
# hold = "0s"                  # a change undone within this time is one line, not two alerts
# hold_rises = true            # false: rises are announced at once
# max_removed_percent = 30     # more than this gone at once is set aside, not announced
# max_repriced_percent = 30
# max_price_ratio = "100"      # a price that moves so many times at once is set aside: a unit slip
# ignore = ["/created_at"]     # fields that are noise: kept, and no reason for an event
# allow_empty = false          # true: an empty list is a catalog like any other
# max_body = "16MiB"
# max_models = 50000
# deadline = "60s"             # for one attempt to fetch
# failing_after = 3            # failed polls in a row before it is said
# remind_every = "24h"         # and again while it lasts; "0s": once
# labels = { team = "search" } # your own words, for filters, metrics and people
# ping = "env:PING_URL"        # a dead man's switch, asked after each poll that was answered
# check_date = true            # false: the gateway's clock is known to be wrong
# proxy = "http://proxy.internal.example:3128"    # the only one used
# ca_file = "ca.pem"           # the only certificate authorities trusted

# The page and the API, with `pricetrail web` or `pricetrail run --web`.
# [web]
# host = "127.0.0.1"           # on any other a token is needed
# port = 8080
# tokens = { team = "file:team.token" }    # named; take one out to shut its holder out
# allowed_hosts = ["prices.example.org"]   # further names that it is reached by
# root_path = "/prices"        # where a proxy in front puts it
# trusted_proxies = ["10.0.0.7"]           # whose X-Forwarded headers are believed

# One model under several names, for compare and audit.
# [aliases]
# "gpt-5" = ["openai/gpt-5", "gpt-5-2025-08-07"]

# Messages for people: one a snapshot.
# [webhooks.prices]
# url = "env:SLACK_WEBHOOK_URL"
# format = "slack"             # or "discord", "teams", "apprise"
# events = ["model.added", "model.removed", "model.repriced", "model.sunset"]
# models = ["gpt-*", "claude-*", "!*-preview"]
# type_targets = ["openai", "anthropic"]
# min_percent = "1"            # the smallest change of any price that is told
# directions = ["increase", "decrease", "mixed"]    # of repriced models; added ones have none
# fields = ["text.*"]
# min_monthly_usd = "10"       # by the usage that was imported
# sources = ["*"]              # which sources: names, globs, or labels such as "team=search"
# digest = "0 9 * * 1-5"       # one message for what gathered
# timezone = "UTC"             # the digest's, and of times in messages

# Messages for programs: one an event, signed as Standard Webhooks.
# [webhooks.billing]
# url = "https://billing.internal.example/hooks/prices"
# format = "json"              # or "cloudevents"; for an Alertmanager see [webhooks.alerts]
# secrets = ["env:BILLING_WEBHOOK_SECRET"]
# allow_private = true         # else private and loopback addresses are refused
# batch = false                # true: one POST a snapshot instead of one an event
# ordering = "strict"          # or "none": a message waits for none before it

# Alerts beside those of Prometheus: they fire, and are resolved.
# [webhooks.alerts]
# url = "http://alertmanager.internal.example:9093"
# format = "alertmanager"
# allow_private = true
"""
