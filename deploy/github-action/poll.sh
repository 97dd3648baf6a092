#!/usr/bin/env bash
# Polls what is due, with the database from a branch that holds nothing else, and puts it back there
# as that branch's only commit. Run in a checkout whose `origin` can be pushed to.
# BRANCH: that branch. CONFIG: the configuration. PRICETRAIL: the program.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PRICETRAIL_DATABASE_URL="sqlite:///$folder/pricetrail.db"
before=

# 2 says that there is no such branch; anything else is no reason to begin a second history.
found=0
git ls-remote --quiet --exit-code origin "refs/heads/$BRANCH" >/dev/null || found=$?
if [ "$found" = 0 ]; then
  git fetch --quiet --depth 1 origin "refs/heads/$BRANCH"
  before=$(git rev-parse FETCH_HEAD)
  git cat-file blob "$before:pricetrail.db" >"$folder/pricetrail.db"
elif [ "$found" != 2 ]; then
  echo "the branch $BRANCH cannot be asked for: nothing was polled" >&2
  exit 1
fi

# A failed poll is history, too: it is kept before the job fails.
code=0
"$PRICETRAIL" --config "$CONFIG" poll --due --quiet || code=$?
[ -f "$folder/pricetrail.db" ] || exit "$code"
"$PRICETRAIL" --config "$CONFIG" db backup "$folder/kept.db" >/dev/null

blob=$(git hash-object -w "$folder/kept.db")
tree=$(printf '100644 blob %s\tpricetrail.db\n' "$blob" | git mktree)
commit=$(git -c user.name=pricetrail -c user.email=pricetrail@localhost \
  commit-tree "$tree" -m "Keep the history of prices")
# Refused where another run was faster: its history stays, and this one polls again next time.
git push --quiet --force-with-lease="refs/heads/$BRANCH:$before" origin "$commit:refs/heads/$BRANCH"
exit "$code"
