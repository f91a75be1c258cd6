"""`motcua up`: the whole portal on one machine, for trying and for developing."""
