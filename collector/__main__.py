"""The command, as `python -m collector` and as the packed file start it."""

import os
import sys

if sys.version_info < (3, 8):  # noqa: UP036 - whoever copies the file to an old server is told, in words
    sys.stderr.write(f"drivecast-collect needs Python 3.8 or later; this is {sys.version.split()[0]}\n")
    sys.exit(2)

if os.name != "posix":
    sys.stderr.write("drivecast-collect needs Linux, a BSD or macOS\n")
    sys.exit(2)

from collector.command_line import main

if __name__ == "__main__":
    sys.exit(main())
