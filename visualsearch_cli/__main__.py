"""`python -m visualsearch_cli` is `visualsearch`."""

from visualsearch_cli.cli.app import main

if __name__ == "__main__":
    main()
