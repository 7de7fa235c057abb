"""`python -m talkoot` is the command line."""

from talkoot.cli import main

if __name__ == "__main__":
    main()
