"""`python -m doorstep.cli`."""

from doorstep.cli import main

main()
