"""`python -m heed` is the command `heed`."""

from heed.cli import main

if __name__ == "__main__":
    main()
