"""Exit 0 when the program on a port of this container is ready: `healthcheck.py 8102`."""

import http.client
import sys

_SECONDS = 4


def ready(port: int) -> bool:
    """Whether `/health/ready` answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        # Docker keeps what a check prints: `docker inspect` then shows which part is down.
        sys.stdout.write(answer.read().decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        sys.stdout.write(str(error))
        return False
    return answer.status == 200


if __name__ == "__main__":
    sys.exit(0 if ready(int(sys.argv[1])) else 1)
