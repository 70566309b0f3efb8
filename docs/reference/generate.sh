#!/usr/bin/env bash
# Writes docs/reference/cli.md from the program's own help:  docs/reference/generate.sh target/debug/suanzi > docs/reference/cli.md
set -euo pipefail
suanzi=$1
export COLUMNS=100 LC_ALL=C.UTF-8
fence='```'

page() {
  local help
  help=$("$suanzi" "$@" --help)
  printf '\n## suanzi%s\n\n%s\n%s\n%s\n' "${*:+ $*}" "$fence" "$help" "$fence"
  local verb
  for verb in $(sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' <<<"$help"); do
    [ "$verb" = help ] || page "$@" "$verb"
  done
}

echo "# Command line"
echo
echo "Each command's help, as the program prints it. Made by \`docs/reference/generate.sh\`; a test compares the two."
page
