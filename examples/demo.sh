#!/usr/bin/env bash
# Suanzi in a minute: synthetic credit data, the mission's DAG, what is wrong with it, the mended DAG, plan, cache and diff.
set -euo pipefail
cd "$(dirname "$0")/.."
suanzi=${1:-target/release/suanzi}
dir=.demo
export SUANZI_HOME="$PWD/$dir/home"
mkdir -p "$dir"
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '\033[2m$ suanzi %s\033[0m\n' "$*"; "$suanzi" "$@"; }

if [ ! -f "$dir/credit.csv" ]; then
  say "Synthetic credit data, 30,000 rows"
  .venv/bin/python -m suanzi.demo_data "$dir/credit.csv.part" --rows 30000 --seed 0
  mv "$dir/credit.csv.part" "$dir/credit.csv"
fi
show dataset add 40 "$dir/credit.csv"

say "1. The mission's pipeline, as it was drawn: read, split, regression, GBDT, predict, evaluate"
show run examples/seed-dag.yaml

say "2. The finding says what is wrong. The mended pipeline standardizes before the regression"
show run examples/credit-mended.yaml

say "3. Run it again: everything is cached, no Python is started"
show run examples/credit-mended.yaml

say "4. Change one parameter (C: 1 → 0.01). The plan says what will run, and why"
sed 's/^    C: 1$/    C: 0.01/' examples/credit-mended.yaml > "$dir/credit-c.yaml"
show plan "$dir/credit-c.yaml"
show run --quiet "$dir/credit-c.yaml"

say "5. What changed between the two"
show diff @2 @1

say "Next"
cat <<TEXT
  export SUANZI_HOME=$SUANZI_HOME
  $suanzi runs                                  all runs
  $suanzi logs @1 regression                    what an operator printed
  $suanzi operators                             the operators there are
  $suanzi run examples/credit-mended.yaml --from gbdt
  docs/guide/first-steps.md                     write your own operator in ten lines
TEXT
