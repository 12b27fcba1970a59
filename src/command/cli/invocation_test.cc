#include "command/cli/invocation.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <filesystem>

namespace qpq::command {
namespace {

struct CommandLine {
  explicit CommandLine(std::vector<std::string> given): words(std::move(given)) {
    words.insert(words.begin(), "qpq");
    for (std::string& word : words) pointers.push_back(word.data());
  }
  Outcome<Invocation> parse() { return parseCommandLine(static_cast<int>(pointers.size()), pointers.data()); }
  std::vector<std::string> words;
  std::vector<char*> pointers;
};

ask::Call call(std::vector<std::string> words) {
  auto invocation = CommandLine(std::move(words)).parse();
  REQUIRE(invocation.has_value());
  return std::get<ask::Call>(invocation->ask);
}

TEST_CASE("a subcommand becomes a call of the table") {
  ask::Call sent = call({"send", "@bob", "hello there", "--wait", "3"});
  CHECK(sent.method == "send");
  CHECK(sent.parameters == Value::object({{"conversation", "@bob"}, {"text", "hello there"}, {"wait", 3}}));
  CHECK(call({"invite", "#team", "bob", "carol"}).parameters ==
        Value::object({{"conversation", "#team"}, {"users", Value::List{"bob", "carol"}}}));
  CHECK(call({"list"}).parameters == Value::object());
}

TEST_CASE("paths are made absolute, and one left out is this folder") {
  std::string here = std::filesystem::current_path().string();
  CHECK(call({"send-file", "@bob", "a b.jpg"}).parameters ==
        Value::object({{"conversation", "@bob"}, {"path", here + "/a b.jpg"}}));
  CHECK(call({"save-file", "@bob", "3f9a"}).parameters ==
        Value::object({{"conversation", "@bob"}, {"file", "3f9a"}, {"to", here + "/"}}));
  CHECK(call({"save-file", "@bob", "3f9a", "--to", "/tmp", "--force"}).parameters ==
        Value::object({{"conversation", "@bob"}, {"force", true}, {"file", "3f9a"}, {"to", "/tmp"}}));
}

TEST_CASE("files that were sent are listed and dropped without naming a conversation") {
  CHECK(call({"files", "--all", "--wait", "0"}).parameters == Value::object({{"all", true}, {"wait", 0}}));
  CHECK(call({"drop-file", "a b.jpg"}).parameters == Value::object({{"file", "a b.jpg"}}));
}

TEST_CASE("common flags stand before or after the subcommand") {
  for (std::vector<std::string> words :
       {std::vector<std::string>{"--json", "--server", "h:1", "whoami"}, {"whoami", "--json", "--server", "h:1"}}) {
    auto invocation = CommandLine(words).parse();
    REQUIRE(invocation.has_value());
    CHECK(invocation->flags.json);
    CHECK(invocation->flags.server == "h:1");
  }
}

TEST_CASE("a password on the command line is taken and overwritten there") {
  CommandLine line({"login", "alice", "--password", "correct horse"});
  auto invocation = line.parse();
  REQUIRE(invocation.has_value());
  CHECK(asText(invocation->flags.password->expose()) == "correct horse");
  CHECK(invocation->flags.passwordOnCommandLine);
  CHECK(line.words[4] == "*************");
  CommandLine joined({"login", "alice", "--password=secret"});
  REQUIRE(joined.parse().has_value());
  CHECK(joined.words[3] == "--password=******");
}

TEST_CASE("mistakes end as usage, with what was probably meant") {
  CHECK(CommandLine({"sned", "@bob", "x"}).parse().error().hint == "did you mean: qpq send");
  CHECK(CommandLine({"send", "@bob"}).parse().error().exit == Exit::usage);
  CHECK(CommandLine({"send", "@bob"}).parse().error().hint == "qpq send --help says what it takes");
  CHECK(CommandLine({"history", "@bob", "--count", "many"}).parse().error().exit == Exit::usage);
  CHECK(CommandLine({"--frob"}).parse().error().exit == Exit::usage);
}

TEST_CASE("help and version are texts, and no subcommand is the REPL") {
  auto help = CommandLine({"--help"}).parse();
  std::string text = std::get<ask::Shown>(help->ask).text;
  for (const char* word : {"register-user", "login", "whoami",    "health",    "ping",    "create-group", "invite",
                           "join",          "send",  "send-file", "save-file", "files",   "drop-file",    "recv",
                           "chat",          "repl",  "list",      "members",   "history", "exit codes"}) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
  CHECK(std::get<ask::Shown>(CommandLine({"send", "--help"}).parse()->ask).text.find("--wait") != std::string::npos);
  CHECK(std::get<ask::Shown>(CommandLine({"--version"}).parse()->ask).text.starts_with("qpq "));
  CHECK(std::holds_alternative<ask::Repl>(CommandLine({}).parse()->ask));
  CHECK(std::get<ask::Repl>(CommandLine({"chat", "@bob"}).parse()->ask).conversation == "@bob");
  CHECK(std::holds_alternative<ask::Follow>(CommandLine({"recv", "--follow"}).parse()->ask));
}

}  // namespace
}  // namespace qpq::command
