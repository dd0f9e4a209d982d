"""`python -m nim_profiles.cli`."""

import sys

from nim_profiles.cli.app import main

sys.exit(main())
