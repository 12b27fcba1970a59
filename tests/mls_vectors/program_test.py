"""Runs mls-vectors as a user does: over the official files, over damaged copies of them, over what is no vector file."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
OFFICIAL = pathlib.Path(os.environ.get("QPQ_VECTORS") or "../shared/vectors") / "mls"

# Typed in, so that a clone without the official files is tested, too: deserialization.json.
LENGTHS = [{"vlbytes_header": "25", "length": 37}, {"vlbytes_header": "7bbd", "length": 15293}]


def run(*files):
    done = subprocess.run([PROGRAM, *map(str, files)], capture_output=True, text=True, timeout=280)
    return done.returncode, done.stdout.splitlines(), done.stderr


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, content, name="some.json"):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def official(self, name):
        path = OFFICIAL / name
        if not path.exists():
            self.skipTest(f"no {path}")
        return json.loads(path.read_text())

    def test_cases_are_counted_and_all_must_pass(self):
        code, lines, errors = run(self.file(LENGTHS))
        self.assertEqual((code, lines, errors), (0, ["some.json: 2 passed, 0 failed", "2 passed, 0 failed"], ""))

    def test_one_wrong_case_among_right_ones_is_a_failure(self):
        wrong = [LENGTHS[0], {"vlbytes_header": "7bbd", "length": 15294}]
        code, lines, errors = run(self.file(wrong), self.file(LENGTHS, "other.json"))
        self.assertEqual(lines, ["some.json: 1 passed, 1 failed", "other.json: 2 passed, 0 failed",
                                 "3 passed, 1 failed"])
        self.assertEqual(code, 1)
        self.assertIn("some.json: case 1: length differs", errors)

    def test_a_case_with_a_missing_or_malformed_field_fails_and_stops_nothing(self):
        cases = [{"vlbytes_header": "25"}, {"vlbytes_header": "2", "length": 37}, {"vlbytes_header": 25, "length": 37},
                 7, None, [], LENGTHS[0]]
        code, lines, _ = run(self.file(cases))
        self.assertEqual((code, lines[0]), (1, "some.json: 1 passed, 6 failed"))

    def test_what_is_no_vector_file_is_said_clearly(self):
        for content in ("", "{", "[]", "{}", "7", '[{"length": 1}]', '["vlbytes_header"]'):
            with self.subTest(content):
                code, lines, errors = run(self.file(content), self.file(LENGTHS, "good.json"))
                self.assertEqual((code, lines[0]), (2, "good.json: 2 passed, 0 failed"))
                self.assertIn("some.json", errors)
        self.assertEqual(run(self.folder / "absent.json")[0], 2)
        self.assertEqual(run(self.folder)[0], 2)
        self.assertEqual(run()[0], 2)

    def test_a_suite_this_build_does_not_have_fails(self):
        code, lines, errors = run(self.file([{"cipher_suite": 8, "psks": [], "psk_secret": "00"}]))
        self.assertEqual((code, lines[0]), (1, "some.json: 0 passed, 1 failed"))
        self.assertIn("cipher_suite 8", errors)

    def test_every_official_case_passes_under_any_file_name(self):
        if not OFFICIAL.is_dir():
            self.skipTest(f"no {OFFICIAL}")
        files = sorted(OFFICIAL.glob("*.json"))
        counts = [len(json.loads(file.read_text())) for file in files]
        code, lines, errors = run(*files)
        expected = [f"{file.name}: {count} passed, 0 failed" for file, count in zip(files, counts)]
        self.assertEqual((errors, lines), ("", [*expected, f"{sum(counts)} passed, 0 failed"]))
        self.assertEqual((code, len(files)), (0, 16))
        renamed = self.file(self.official("psk_secret.json"), "tree-math.json")
        self.assertEqual(run(renamed)[1][0], "tree-math.json: 77 passed, 0 failed")

    def test_a_changed_digit_and_a_lost_byte_in_a_copy_of_an_official_file_are_found(self):
        for name, case, path in [
            ("crypto-basics.json", 1, ["sign_with_label", "signature"]),
            ("crypto-basics.json", 3, ["encrypt_with_label", "ciphertext"]),
            ("key-schedule.json", 4, ["epochs", 4, "exporter", "secret"]),
            ("message-protection.json", 6, ["commit_priv"]),
            ("messages.json", 299, ["commit"]),
            ("passive-client-welcome.json", 55, ["initial_epoch_authenticator"]),
            ("psk_secret.json", 76, ["psk_secret"]),
            ("secret-tree.json", 20, ["leaves", 31, 0, "application_key"]),
            ("transcript-hashes.json", 2, ["interim_transcript_hash_after"]),
            ("tree-operations.json", 4, ["tree_hash_after"]),
            ("tree-validation.json", 97, ["tree"]),
            ("treekem.json", 0, ["update_paths", 0, "update_path"]),
            ("welcome.json", 5, ["welcome"]),
        ]:
            with self.subTest(name, path=path):
                cases = self.official(name)[case:case + 1]
                *steps, last = path
                at = cases[0]
                for step in steps:
                    at = at[step]
                whole = at[last]
                damaged = [whole[:-2]]
                if name != "messages.json":  # there another value is another message, and just as good
                    damaged.append(whole[:-1] + "0123456789abcdef"[int(whole[-1], 16) ^ 1])
                for at[last] in damaged:
                    code, lines, _ = run(self.file(cases))
                    self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main(verbosity=0)
