#!/bin/sh
# Runs the reference platform as it would run elsewhere: as a user of its own, at an address of its own, where neither this
# checkout nor suanzi nor the engine's home is there, but for the shared storage. Run by root in a mount namespace of its own.
# Usage: enclosed.sh WORK CHECKOUT LIBRARIES HOME PYTHON UID ADDRESS, with env/, platform.py and token in WORK.
set -eu
work=$1 checkout=$2 libraries=$3 home=$4 python=$5 uid=$6 address=$7
mount --make-rprivate /
mkdir -p "$work/libraries" "$work/storage"
mount --bind "$libraries" "$work/libraries"
mount --bind "$home/artifacts" "$work/storage"
mount -t tmpfs -o mode=0700 none "$checkout"
mount -t tmpfs -o mode=0755 none "$home"
mkdir "$home/artifacts"
mount --bind "$work/storage" "$home/artifacts"
for name in "$work/libraries"/*; do
  case "${name##*/}" in *suanzi* | __editable__*) ;; *) ln -s "$name" "$work/env/lib/$python/site-packages/" ;; esac
done
cd /
as="setpriv --reuid $uid --regid $uid --clear-groups --no-new-privs"
if $as ls "$checkout" >/dev/null 2>&1 || $as "$work/env/bin/python" -I -c 'import suanzi' 2>/dev/null; then
  echo "the checkout or suanzi is there" >&2
  exit 1
fi
exec $as "$work/env/bin/python" -I "$work/platform.py" "$work/platform" "$work/env/bin/python" "$work/token" "$address"
