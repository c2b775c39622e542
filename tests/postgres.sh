#!/bin/bash
# A PostgreSQL cluster of the tests' own: socket only, in a temporary folder, nothing kept.
#   tests/postgres.sh run COMMAND...   start, run with TEST_DATABASE_URL set, stop, remove
#   tests/postgres.sh start            print "export TEST_DATABASE_URL=..." and leave it running
#   tests/postgres.sh stop FOLDER      stop and remove it
set -euo pipefail

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
[ -x "$bin/initdb" ] || { echo "没有 PostgreSQL：请先运行 apt-get install postgresql" >&2; exit 1; }

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start() {
    folder=$(mktemp -d "${TMPDIR:-/tmp}/portal-pg.XXXXXX")
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    chmod 755 "$folder"
    # A locale that knows Chinese letters; without fsync, because nothing here is worth keeping.
    as_owner "$bin/initdb" --pgdata "$folder/data" --username portal --auth trust --encoding UTF8 --locale C.UTF-8 \
        --no-sync >/dev/null
    as_owner "$bin/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --silent --options \
        "-c listen_addresses='' -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off \
        -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 -c shared_buffers=256MB -c jit=off" \
        start >/dev/null || { cat "$folder/log" >&2; stop "$folder"; exit 1; }
    url="postgres://portal@/postgres?host=$folder"
}

stop() {
    as_owner "$bin/pg_ctl" --pgdata "$1/data" --mode immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$1"
}

case "${1:-}" in
run)
    shift
    start
    trap 'stop "$folder"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    TEST_DATABASE_URL=$url "$@"
    ;;
start)
    start
    echo "export TEST_DATABASE_URL='$url'  # $folder"
    ;;
stop)
    [ -f "${2:-}/data/PG_VERSION" ] || { echo "这里没有数据库：${2:-（没有写目录）}" >&2; exit 1; }
    stop "$2"
    ;;
*)
    sed -n '2,5p' "$0" >&2
    exit 2
    ;;
esac
