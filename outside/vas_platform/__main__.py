"""`python -m vas_platform`: run the VAS platform."""

from outside_program.behaviour import Behaviour
from outside_program.server import argument_parser, parse_behaviour, serve

from vas_platform.endpoints import create_vas_platform_app
from vas_platform.platform import SERVICE_CODES, VasPlatform


def main() -> None:
    parser = argument_parser(
        "vas_platform",
        port=8122,
        description="A platform of value-added services: XML over HTTP, kept in memory.",
    )
    parser.add_argument(
        "--service-codes",
        default=",".join(sorted(SERVICE_CODES)),
        help="the services that it knows, parted by commas (%(default)s)",
    )
    arguments = parser.parse_args()
    platform = VasPlatform(
        Behaviour(parse_behaviour(parser, arguments)),
        service_codes=frozenset(arguments.service_codes.split(",")),
    )
    serve(create_vas_platform_app(platform), host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
