"""`python -m network_element`: run the network element."""

from outside_program.behaviour import Behaviour
from outside_program.server import argument_parser, parse_behaviour, serve

from network_element.element import NetworkElement
from network_element.endpoints import create_network_element_app


def main() -> None:
    parser = argument_parser(
        "network_element",
        port=8121,
        description="A network element: activates services, JSON over HTTP, kept in memory.",
    )
    arguments = parser.parse_args()
    element = NetworkElement(Behaviour(parse_behaviour(parser, arguments)))
    serve(create_network_element_app(element), host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
