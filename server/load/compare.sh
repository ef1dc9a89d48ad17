#!/usr/bin/env bash
# Compares the benchmarks of two commits, in turns on the same machine, and fails if one got more than a
# tenth slower or allocates more. By hand: a shared machine says little about a tenth.
#
#   server/load/compare.sh BASE [HEAD]      HEAD is what is in the working tree if it is left out
#   ROUNDS=8 BENCHTIME=200ms BENCH=. PACKAGES="./server/room ./protocol/frame" change how
set -euo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)"

base=${1:?"usage: server/load/compare.sh BASE [HEAD]"}
head=${2:-}
rounds=${ROUNDS:-8} benchtime=${BENCHTIME:-200ms} bench=${BENCH:-.}
packages=${PACKAGES:-./protocol/delta ./protocol/frame ./game/sim/rewind ./game/sim/grid ./game/games/arena ./server/replication ./server/room ./server/session}
benchstat=golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

work=$(mktemp -d)
trees=()
leave() {
	for t in "${trees[@]}"; do git worktree remove --force "$t"; done
	rm -rf "$work"
}
trap leave EXIT

# build NAME TREE compiles the benchmarks of a tree. A package that is not there, or has none, is left out.
build() {
	mkdir "$work/$1.bin"
	for p in $packages; do
		if [ -d "$2/$p" ]; then
			(cd "$2" && go test -c -o "$work/$1.bin/$(echo "${p#./}" | tr / -).test" "$p")
		fi
	done
}

# run NAME TREE runs them once.
run() {
	for t in "$work/$1.bin"/*.test; do
		p=$(basename "$t" .test | tr - /)
		(cd "$2/$p" && echo "pkg: $p" && "$t" -test.run '^$' -test.bench "$bench" -test.benchtime "$benchtime" -test.benchmem) | grep -E '^(pkg:|Benchmark)' >> "$work/$1" || true
	done
}

checkout() {
	git worktree add --quiet --detach "$work/$1.tree" "$2"
	trees+=("$work/$1.tree")
	# What a commit does not hold: the built page, which is embedded.
	cp -r client-web/dist/. "$work/$1.tree/client-web/dist/" 2>/dev/null || true
}
checkout base "$base"
tree=$PWD
if [ -n "$head" ]; then
	checkout head "$head"
	tree=$work/head.tree
fi
build base "$work/base.tree"
build head "$tree"
for i in $(seq "$rounds"); do
	echo "round $i of $rounds" >&2
	run base "$work/base.tree"
	run head "$tree"
done

(cd "$work" && go run $benchstat base head && go run $benchstat -format csv base head 2>/dev/null > csv)
# A row is name, base, its range, head, its range, change, p. Only changes that are no accident have a sign.
awk -F, '
	$2 == "sec/op" || $2 == "B/op" || $2 == "allocs/op" { unit = $2; next }
	$2 ~ /[a-z]\/|^[A-Za-z\/]+$/ { unit = ""; next }
	unit == "" || $1 == "" || $1 == "geomean" { next }
	unit == "sec/op" && $6 ~ /^\+/ && $6 + 0 > 10 { print "slower: " $1 " " $6; bad = 1 }
	unit != "sec/op" && $4 + 0 > ($2 + 0) * 1.1 + (unit == "B/op" ? 64 : 0) { print "more " unit ": " $1 " " $2 " -> " $4; bad = 1 }
	END { exit bad }
' "$work/csv" || { echo "a benchmark got worse by more than a tenth"; exit 1; }
