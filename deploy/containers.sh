#!/bin/sh
# Start or stop the system in containers: containers.sh up | down. Called by `make up` and `make down`.
set -eu
cd "$(dirname "$0")"
umask 077

require_docker() {
    if ! docker compose version >/dev/null 2>&1; then
        echo "Docker with the compose plugin is needed for this and isn't there. Without: make start" >&2
        exit 1
    fi
    if ! docker info >/dev/null 2>&1; then
        echo "No Docker engine answers: start it, or allow this user to use it. Without: make start" >&2
        exit 1
    fi
}

# Every password the compose file asks for, made once and kept: the databases remember them.
write_passwords() {
    touch .env
    sed -n 's/.*\${\([A-Z_]*PASSWORD\):?.*/\1/p' docker-compose.yml | sort -u | while read -r name; do
        if ! grep -q "^$name=" .env; then
            echo "$name=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >>.env
        fi
    done
}

gateway_url() {
    docker compose exec -T order sh -c 'echo "$ORDER_BASE_URL"'
}

case ${1:-} in
up)
    require_docker
    write_passwords
    docker compose up --build --detach --wait --wait-timeout 600
    echo "All is up: $(gateway_url) is the base of every API, e.g. $(gateway_url)/health/order"
    ;;
down)
    require_docker
    write_passwords
    docker compose down
    ;;
*)
    echo "containers.sh up | down" >&2
    exit 2
    ;;
esac
