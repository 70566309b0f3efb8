#!/usr/bin/env bash
# The example pipeline through the real program, with its state in each server of SUANZI_TEST_DATABASES: what it printed
# is what it prints on SQLite, its rows lie in that database, and bad addresses are told in one line without a password.
set -euo pipefail
cd "$(dirname "$0")/../.."
suanzi=${1:-target/debug/suanzi}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
die() { echo "error: $*" >&2; exit 1; }

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
# sql URL STATEMENT: rows without decoration.
sql() {
  local rest=${1#*://} login place
  login=${rest%@*} place=${rest#*@}
  local user=${login%%:*} password=${login#*:} host=${place%%:*} port=${place#*:} database=
  case $port in */*) database=${port#*/} port=${port%%/*} ;; esac
  if [[ $1 == mysql* ]]; then
    MYSQL_PWD=$password mariadb --no-defaults -N -B -h "$host" -P "$port" -u "$user" ${database:+"$database"} -e "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'); $2"
  else
    PGPASSWORD=$password "$bin/psql" -qAt -F $'\t' -h "$host" -p "$port" -U "$user" -d "${database:-postgres}" -c "$2"
  fi
}
count() { sql "$@" | tail -1; }

.venv/bin/python -m suanzi.demo_data "$dir/credit.csv" --rows 3000 --seed 0
# What a run came to: operators with their states, and the metrics.
seed_run() {
  local out
  SUANZI_HOME=$dir/$1 "$suanzi" dataset add 40 "$dir/credit.csv" "${@:2}" >/dev/null
  out=$(SUANZI_HOME=$dir/$1 "$suanzi" run examples/seed-dag.yaml --json "${@:2}") || die "the run on $1 failed: $out"
  .venv/bin/python tests/databases/outcome.py <<<"$out"
}

wanted=$(seed_run sqlite)
[ "$(wc -l <<<"$wanted")" -ge 5 ] || die "the run on SQLite tells too little: $wanted"
for base in $SUANZI_TEST_DATABASES; do
  kind=${base%%:*} name=suanzi_end_to_end_$$
  sql "$base" "CREATE DATABASE $name"
  url=$base/$name
  found=$(seed_run "$kind" --database-url "$url")
  [ "$found" = "$wanted" ] || die "on $kind the run came to something else: $(diff <(echo "$wanted") <(echo "$found") || true)"
  [ "$(count "$url" "SELECT count(*) FROM runs WHERE state = 'success'")" = 1 ] || die "$kind has no row of the run"
  [ "$(count "$url" "SELECT count(*) FROM tasks WHERE state = 'success'")" = "$(count "$url" "SELECT total FROM runs")" ] \
    || die "$kind has not each task's row"
  [ ! -e "$dir/$kind/suanzi.db" ] || die "a SQLite file was made beside $kind"
  # Again, by the environment: everything is found in that database's cache.
  again=$(SUANZI_HOME=$dir/$kind SUANZI_DATABASE_URL=$url "$suanzi" run examples/seed-dag.yaml --json)
  [ "$(count "$url" "SELECT count(*) FROM tasks WHERE state = 'cached'")" -ge 1 ] || die "$kind: nothing was cached: $again"
  SUANZI_HOME=$dir/$kind SUANZI_DATABASE_URL=$url "$suanzi" runs | grep -q success || die "$kind: the run isn't listed"
  # The queries of the guide, each on the rows of the two runs.
  queries=0
  while IFS= read -r -d ';' query; do
    [ -n "${query//[[:space:]]/}" ] || continue
    [ -n "$(sql "$url" "$query")" ] || die "$kind: a query of the guide finds nothing: $query"
    queries=$((queries + 1))
  done < <(sed -n '/^```sql$/,/^```$/{/^```/d;p}' docs/guide/databases.md)
  [ "$queries" -ge 5 ] || die "the guide has $queries queries"
  # Bad addresses: one line and a hint, exit 2.
  place=${base#*@}
  for bad in "$kind://suanzi:sesame@$place/$name" "$kind://suanzi:sesame@127.0.0.1:1/$name" "$base/nowhere" "oracle://u:sesame@h/d"; do
    code=0
    said=$(SUANZI_HOME=$dir/$kind "$suanzi" runs --database-url "$bad" 2>&1 >/dev/null) || code=$?
    [ "$code" = 2 ] || die "$kind: a bad address ends with $code: $said"
    [ "$(grep -vc '^hint: ' <<<"$said")" = 1 ] || die "$kind: more than a line: $said"
    case $said in *sesame*|*"${base#*:*:}"*) die "$kind: a password is shown" ;; esac
  done
  sql "$base" "DROP DATABASE $name"
  echo "$kind: the example's run is the same as on SQLite, and so are its rows; $queries queries of the guide"
done
