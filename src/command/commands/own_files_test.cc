#include "command/commands/own_files.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <ctime>

#include "command/commands/views.h"

namespace qpq::command {
namespace {

using client::OwnFileView;
using Kept = OwnFileView::Kept;

OwnFileView fileOf(uint8_t id, const std::string& name, Kept kept = Kept::held) {
  OwnFileView view{.message = {}, .kept = kept};
  view.message.id.bytes.fill(id);
  view.message.state = client::MessageView::State::delivered;
  view.message.file = client::FileView{.name = name, .size = 15, .dropped = kept == Kept::dropped};
  return view;
}

// The first byte of what is meant, or the exit code.
int meant(const std::vector<OwnFileView>& all, std::string_view reference) {
  auto found = ownFileMeant(all, reference);
  return found ? found->message.id.bytes[0] : -static_cast<int>(found.error().exit);
}

TEST_CASE("what is dropped is named by its digits or its name, and nothing is dropped by guessing") {
  std::vector<OwnFileView> all = {fileOf(0x11, "tea"), fileOf(0x22, "cake"), fileOf(0x33, "cake"),
                                  fileOf(0x44, "old", Kept::dropped), fileOf(0x55, "old", Kept::dropped)};
  CHECK(meant(all, "tea") == 0x11);
  CHECK(meant(all, "2222") == 0x22);
  CHECK(meant(all, "222") == -static_cast<int>(Exit::notFound));
  CHECK(meant(all, "te") == -static_cast<int>(Exit::notFound));
  CHECK(meant(all, "") == -static_cast<int>(Exit::notFound));
  REQUIRE(meant(all, "cake") == -static_cast<int>(Exit::usage));
  CHECK(ownFileMeant(all, "cake").error().hint.ends_with(" 22222222 33333333"));
  // Which of those that are gone makes no difference; one that is held comes before them.
  CHECK(meant(all, "old") == 0x55);
  all.push_back(fileOf(0x66, "old"));
  CHECK(meant(all, "old") == 0x66);
  all.push_back(fileOf(0x22, "two of these digits"));
  CHECK(meant(all, "2222") == -static_cast<int>(Exit::usage));
}

TEST_CASE("the list says of each file where it went and what became of it, and at its end how much room is used") {
  REQUIRE(::setenv("TZ", "UTC", 1) == 0);
  ::tzset();
  auto row = [](OwnFileView view, client::MessageView::State state) {
    view.message.sent = {1'800'000'000'000};
    view.message.state = state;
    view.message.problem = state == client::MessageView::State::failed ? "no rights" : "";
    Value value = toValue(view);
    value.set("in", "@bob\x1b[2J");
    return value;
  };
  using State = client::MessageView::State;
  Value result = Value::object({{"files", Value::List{row(fileOf(0xab, "a\x1b"), State::delivered),
                                                      row(fileOf(0xab, "b", Kept::dropped), State::queued),
                                                      row(fileOf(0xab, "c", Kept::expired), State::failed)}},
                                {"usage", Value::object({{"files", 2}, {"bytes", 1 << 20}, {"limit", 50 << 20}})}});
  const Command& files = *findCommand("files");
  CHECK(files.show(result) ==
        "abababab  2027-01-15 08:00  a␦ (15 bytes) to @bob␦[2J\n"
        "abababab  2027-01-15 08:00  b (15 bytes) to @bob␦[2J, its message waits for the server, dropped\n"
        "abababab  2027-01-15 08:00  c (15 bytes) to @bob␦[2J, its message was not sent: no rights, over 30 days old\n"
        "2 files, 1.0 MiB of 50.0 MiB in use at the server; 1 of them not listed (cut off on the way, or another "
        "device's); drop one with: drop-file FILE");
}

TEST_CASE("a list without files, and one without a server, say so") {
  const Command& files = *findCommand("files");
  Value none = Value::object(
      {{"files", Value(Value::List())}, {"usage", Value::object({{"files", 0}, {"bytes", 0}, {"limit", 50 << 20}})}});
  CHECK(files.show(none) == "0 files, 0 bytes of 50.0 MiB in use at the server");
  Value offline = Value::object({{"files", Value(Value::List())}, {"problem", "the server cannot be reached"}});
  CHECK(files.show(offline) ==
        "you have sent no files that the server keeps\n"
        "(how much it keeps for you is not known: the server cannot be reached)");
}

TEST_CASE("a dropped file is said to be, and its message shows it no more as something to save") {
  const Command& drop = *findCommand("drop-file");
  Value result = toValue(fileOf(0xab, "tea", Kept::dropped));
  result.set("gone-before", false);
  CHECK(drop.show(result) == "dropped tea (15 bytes); its message stays");
  result.set("gone-before", true);
  CHECK(drop.show(result) == "tea (15 bytes) was gone already");
  client::MessageView message = fileOf(0xab, "tea", Kept::dropped).message;
  message.type = 2;
  CHECK(showMessage(toValue(message)).ends_with("[file] tea (15 bytes), dropped"));
  message.file->dropped = false;
  CHECK(showMessage(toValue(message)).ends_with("[file] tea (15 bytes), save-file abababab"));
}

}  // namespace
}  // namespace qpq::command
