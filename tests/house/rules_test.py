#!/usr/bin/env python3
"""Each rule must be able to fail."""
import pathlib
import tempfile
import unittest

from rules import breaches_in
from titles import missing


def whats(path, text):
    return [what for _, what in breaches_in(pathlib.PurePath(path), text)]


class Rules(unittest.TestCase):
    def test_an_upward_include_is_refused(self):
        self.assertEqual(whats("src/mls/group.cc", '#include "quic/stream.h"\n'), ["mls/ may not include quic/"])

    def test_server_and_client_never_meet(self):
        self.assertEqual(whats("src/server/a.cc", '#include "client/b.h"\n'), ["server/ may not include client/"])
        self.assertEqual(whats("src/client/a.cc", '#include "server/b.h"\n'), ["client/ may not include server/"])

    def test_arrows_are_literal_and_not_transitive(self):
        self.assertEqual(whats("src/command/a.cc", '#include "mls/group/group.h"\n'), ["command/ may not include mls/"])

    def test_base_is_open_to_all_and_a_room_to_itself(self):
        self.assertEqual(whats("src/ffi/a.cc", '#include "base/bytes.h"\n#include "ffi/qpq.h"\n'), [])

    def test_the_server_sees_only_the_codec_of_mls(self):
        self.assertEqual(len(whats("src/server/a.cc", '#include "mls/group/group.h"\n')), 1)
        self.assertEqual(whats("src/server/a.cc", '#include "mls/message/message.h"\n'), [])

    def test_a_library_has_one_door(self):
        self.assertEqual(len(whats("src/mls/a.cc", "#include <openssl/evp.h>\n")), 1)
        self.assertEqual(len(whats("src/crypto/a.cc", "#include <openssl/ssl.h>\n")), 1)
        self.assertEqual(whats("src/quic/a.cc", "#include <openssl/ssl.h>\n"), [])
        self.assertEqual(len(whats("src/client/a.cc", "#include <sqlcipher/sqlite3.h>\n")), 1)

    def test_below_the_line_no_kj_no_clock_no_thread(self):
        self.assertEqual(whats("src/wire/a.h", "#include <kj/async.h>\n"), ["wire/ is below the KJ line"])
        self.assertEqual(len(whats("src/mls/a.cc", "auto now = std::chrono::system_clock::now();\n")), 1)
        self.assertEqual(whats("src/mls/a_test.cc", "auto now = std::chrono::steady_clock::now();\n"), [])

    def test_only_tests_include_tests(self):
        self.assertEqual(whats("src/base/a.cc", '#include "support/json.h"\n'), ["only tests include tests/"])
        self.assertEqual(whats("src/base/a_test.cc", '#include "support/json.h"\n'), [])

    def test_long_files_left_overs_and_chores_are_named(self):
        self.assertEqual(len(whats("src/base/a.cc", "\n" * 601)), 1)
        self.assertEqual(len(whats("bench/a.cc", "// TO" + "DO later\n")), 1)
        self.assertEqual(len(whats("src/base/a.h", "class KeyManager {\n")), 1)


class Titles(unittest.TestCase):
    def missing(self, document):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src").mkdir()
            (root / "src" / "a_test.cc").write_text('TEST_CASE("all is well") {}\nTEST_CASE(\n    "so is this") {}\n')
            (root / "a.md").write_text(document)
            return list(missing(root, root / "a.md"))

    def test_a_test_that_is_named_must_exist(self):
        self.assertEqual(self.missing('"all is well", and "so is\nthis"'), [])
        self.assertEqual(self.missing('"all is bad"'), ['a.md: no test is called "all is bad"'])

    def test_a_document_that_names_nothing_is_no_catalogue(self):
        self.assertEqual(self.missing("nothing"), ["a.md: names no test"])


unittest.main()
