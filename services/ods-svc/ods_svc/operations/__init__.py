"""What operators, the demo and the bench ask of the projection itself."""
