"""`python -m nim_launcher`."""

from nim_launcher.cli import main

if __name__ == "__main__":
    main()
