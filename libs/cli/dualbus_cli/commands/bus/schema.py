"""`dualbus bus schema`: the contract with other systems, generated and checked."""

import typer

app = typer.Typer(help="The contract: schemas, AsyncAPI, pages.", no_args_is_help=True)


@app.command("write", epilog="Example: dualbus bus schema write && git add contract docs/contract")
def write() -> None:
    """Write contract/ and docs/contract anew from the models and the services' code."""
    from dualbus_cli.contract.generated import generated_files, write_files
    from dualbus_cli.contract.services import service_documents

    files = generated_files(service_documents())
    changed = write_files(files)
    for path in changed:
        typer.echo(path)
    typer.echo(f"{len(files)} files, {len(changed)} changed")


@app.command("check", epilog="Example: dualbus bus schema check (make check runs it)")
def check() -> None:
    """Hold today's models against every released version. Exits 1 if a promise is broken."""
    _refuse_broken_promises()


@app.command("release", epilog="Example: dualbus bus schema release && git add contract/releases")
def release() -> None:
    """Freeze what has changed since the last release as the next minor version, with samples."""
    from dualbus_cli.contract.generated import current_samples, current_schemas
    from dualbus_cli.contract.releases import next_releases, read_releases, write_releases
    from dualbus_cli.places import REPOSITORY

    _refuse_broken_promises()
    found = next_releases(current_schemas(), current_samples(), read_releases(REPOSITORY))
    write_releases(found, REPOSITORY)
    for one in found:
        typer.echo(one.name)
    typer.echo(f"{len(found)} released")


def _refuse_broken_promises() -> None:
    from dualbus_cli.contract.check import broken_promises
    from dualbus_cli.contract.generated import current_samples, current_schemas
    from dualbus_cli.contract.releases import read_releases
    from dualbus_cli.places import REPOSITORY

    released = read_releases(REPOSITORY)
    broken = broken_promises(current_schemas(), current_samples(), released)
    for one in broken:
        typer.echo(one, err=True)
    if broken:
        typer.echo(
            "A breaking change is a new major: a new topic beside the old one"
            " (docs/contract/README.md).",
            err=True,
        )
        raise typer.Exit(1)
    versions = sum(len(ones) for ones in released.values())
    typer.echo(f"{versions} released versions keep their promises")
