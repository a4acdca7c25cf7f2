"""What every TM Forum resource shares over REST: reading, writing, states, declarations."""
