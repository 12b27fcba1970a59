#include "command/commands/views.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::command {
namespace {

std::string sizeShown(int64_t size) {
  std::string shown = showFile(Value::object({{"name", "x"}, {"size", size}}));
  return shown.substr(3, shown.size() - 4);
}

TEST_CASE("a file is shown by its name, its size and what to type to save it") {
  Value message = Value::object({{"from", "bob"},
                                 {"sent", 0},
                                 {"state", "received"},
                                 {"type", 2},
                                 {"id", "3f9a0c12deadbeef"},
                                 {"file", Value::object({{"name", "photo\x1b[2J.jpg"}, {"size", 12'897'485}})}});
  CHECK(showMessage(message).ends_with(" bob  [file] photo␦[2J.jpg (12.3 MiB), save-file 3f9a0c12"));
}

TEST_CASE("sizes are shown in the unit a person would take") {
  CHECK(sizeShown(0) == "0 bytes");
  CHECK(sizeShown(1'023) == "1023 bytes");
  CHECK(sizeShown(1'024) == "1.0 KiB");
  CHECK(sizeShown(int64_t{5} << 20) == "5.0 MiB");
  CHECK(sizeShown(int64_t{64} << 30) == "64.0 GiB");
  CHECK(sizeShown(int64_t{9'000} << 30) == "9000.0 GiB");
}

TEST_CASE("how far a file is on its way fits one line") {
  auto shown = [](const char* way, int64_t done, int64_t total) {
    return showTransfer(
        Value::object({{"event", "transfer"}, {"way", way}, {"name", "a\nb"}, {"done", done}, {"total", total}}));
  };
  CHECK(shown("up", 1, 3) == "a⏎b ↑ 33 %");
  CHECK(shown("down", 3, 3) == "a⏎b ↓ 100 %");
  CHECK(shown("up", 0, 0) == "a⏎b ↑ 0 %");
}

TEST_CASE("a file message that holds no file is shown as what it is") {
  Value message = Value::object({{"from", "bob"}, {"sent", 0}, {"state", "received"}, {"type", 2}, {"id", "3f"}});
  CHECK(showMessage(message).ends_with("(needs a newer qpq)"));
}

}  // namespace
}  // namespace qpq::command
