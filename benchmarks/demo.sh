#!/bin/sh
# What `make demo` shows: the main job on copies of sample_images, from nothing. All is written to a temporary folder.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME="$work/state"
export VISUALSEARCH_INDEX="$work/index"

say() { printf '\n$ %s\n' "$*"; }
# Two of the samples are damaged on purpose: 3 means "done, but some images were skipped".
run() { say "$@"; "$@" || [ $? -eq 3 ]; }

cp -R sample_images "$work/sample_images"
cd "$work"

run visualsearch index sample_images
run visualsearch index sample_images

run visualsearch query sample_images/phone/red-dice.jpg -k 4
run visualsearch query sample_images/downloads/thumb-mountain-lake.jpg -k 3
run visualsearch info

run visualsearch compare sample_images/phone/red-dice.jpg sample_images/downloads/red-dice-crop.jpg
run visualsearch dupes --level edited --report dupes.json
run visualsearch apply dupes.json --dry-run
