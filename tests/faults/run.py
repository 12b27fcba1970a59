#!/usr/bin/env python3
"""Every kind of fault, one after the other, at length; the last line is the count, and the exit code says if it is met.

    run.py [ROUNDS]      so many kills (300 if not said), and a share of that of every other kind
"""
import os
import pathlib
import sys
import unittest

os.environ["QPQ_FAULT_ROUNDS"] = sys.argv[1] if len(sys.argv) > 1 else "300"

import stage  # noqa: E402: it reads how long the run is

if __name__ == "__main__":
    stage.in_own_mounts()
    print(f"seed {stage.SEED}", flush=True)
    kinds = pathlib.Path(__file__).parent / "kinds"
    suite = unittest.TestLoader().discover(str(kinds), pattern="*.py", top_level_dir=str(kinds))
    passed = unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()
    text, met = stage.line()
    print(text)
    sys.exit(0 if passed and met else 1)
