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
