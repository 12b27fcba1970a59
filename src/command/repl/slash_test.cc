#include "command/repl/slash.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>

namespace qpq::command {
namespace {

line::Call call(std::string_view text, std::string_view current = "c0ffee") {
  auto parsed = parseLine(text, current);
  REQUIRE(parsed.has_value());
  REQUIRE(std::holds_alternative<line::Call>(*parsed));
  return std::get<line::Call>(*parsed);
}

TEST_CASE("what is not a command is a message; two slashes make one slash") {
  CHECK(std::get<line::Message>(*parseLine("hello /dm", "")).text == "hello /dm");
  CHECK(std::get<line::Message>(*parseLine("//etc/passwd", "")).text == "/etc/passwd");
  CHECK(std::holds_alternative<line::Nothing>(*parseLine("   ", "")));
}

TEST_CASE("a command takes its words, the current conversation and the rest of the line") {
  CHECK(call("/dm bob").parameters == Value::object({{"user", "bob"}}));
  CHECK(call("/cg tea at four").parameters == Value::object({{"title", "tea at four"}}));
  CHECK(call("/invite @bob  carol").parameters ==
        Value::object({{"conversation", "c0ffee"}, {"users", Value::List{"@bob", "carol"}}}));
  CHECK(call("/hist 5").parameters == Value::object({{"conversation", "c0ffee"}, {"count", 5}}));
  CHECK(call("/ls").command->name == "list");
  CHECK(std::get<line::Switch>(*parseLine("/switch #team", "")).conversation == "#team");
  CHECK(std::holds_alternative<line::Quit>(*parseLine("/quit", "")));
}

TEST_CASE("a path is one from this folder or the home, with its spaces; a flag stands before the rest or not at all") {
  std::string here = std::filesystem::current_path().string();
  REQUIRE(::setenv("HOME", "/home/alice", 1) == 0);
  auto path = [](std::string_view line) { return std::string(call(line).parameters.textAt("path")); };
  CHECK(path("/send-file photo of tea.jpg") == here + "/photo of tea.jpg");
  CHECK(path("/sf /tmp/x") == "/tmp/x");
  CHECK(path("/sf ./a//b") == here + "/a/b");
  CHECK(path("/sf ../b") == here + "/../b");
  CHECK(path("/sf ~/x") == "/home/alice/x");
  CHECK(path("/sf ~bob/x") == here + "/~bob/x");
  CHECK_FALSE(call("/sf").parameters.find("path"));
  CHECK(call("/save-file 3f9a").parameters ==
        Value::object({{"conversation", "c0ffee"}, {"file", "3f9a"}, {"to", here + "/"}}));
  CHECK(call("/save-file --force tea.jpg ~/my files").parameters ==
        Value::object(
            {{"conversation", "c0ffee"}, {"force", true}, {"file", "tea.jpg"}, {"to", "/home/alice/my files"}}));
  CHECK(call("/save-file --forced x").parameters.textAt("file") == "--forced");
  CHECK(helpText("save-file").starts_with("/save-file [--force] FILE [TO]\n"));
  CHECK(call("/drop-file photo of tea.jpg").parameters == Value::object({{"file", "photo of tea.jpg"}}));
  CHECK(call("/files --all", "").parameters == Value::object({{"all", true}}));
}

TEST_CASE("mistakes are named with what to do") {
  CHECK(parseLine("/creat-group x", "").error().hint == "did you mean /create-group?");
  CHECK(parseLine("/frobnicate", "").error().what == "there is no command /frobnicate");
  CHECK(parseLine("/invite bob", "").error().what == "no conversation is open");
  CHECK(parseLine("/hist five", "c").error().what == "\"count\" takes a whole number");
  CHECK(parseLine("/dm bob carol", "").error().what == "\"carol\" is too much for /dm");
  CHECK(parseLine("/switch", "").has_value() == false);
}

TEST_CASE("every command of the seed has its word") {
  for (const char* word : {"dm", "create-group", "cg", "invite", "remove", "join", "leave", "list", "ls", "members",
                           "history", "hist", "whoami", "send-file", "sf", "files", "drop-file"}) {
    INFO(word);
    CHECK(findSlash(word) != nullptr);
  }
  for (const char* name :
       {"whoami", "health", "ping", "create-group", "invite", "join", "send", "recv", "list", "members", "history"}) {
    INFO(name);
    CHECK(findCommand(name) != nullptr);
  }
}

TEST_CASE("a path that is not absolute is refused: whose folder would it be from?") {
  const Command& save = *findCommand("save-file");
  auto check = [&](Value to, Value force) {
    return Arguments::check(
               save.parameters,
               Value::object(
                   {{"conversation", "@bob"}, {"file", "3f9a"}, {"to", std::move(to)}, {"force", std::move(force)}}))
        .has_value();
  };
  CHECK(check("/tmp", true));
  CHECK_FALSE(check("tmp", true));
  CHECK_FALSE(check("", true));
  CHECK_FALSE(check("/tmp", "yes"));
}

TEST_CASE("parameters are checked by name and type") {
  const Command& send = *findCommand("send");
  auto check = [&](Value given) { return Arguments::check(send.parameters, std::move(given)); };
  CHECK(check(Value::object({{"conversation", "@bob"}, {"text", ""}})).has_value());
  CHECK(check({}).error().what.starts_with("\"conversation\" is missing"));
  CHECK(check(Value::object({{"conversation", "@bob"}, {"text", "x"}, {"loud", true}})).error().what ==
        "there is no parameter \"loud\"");
  CHECK(check(Value::object({{"conversation", "@bob"}, {"text", 5}})).error().what == "\"text\" takes a text");
  CHECK(check(Value::object({{"conversation", "@bob"}, {"text", "x"}, {"wait", -1}})).has_value() == false);
  CHECK(check(Value(Value::List())).error().what == "parameters are an object with names");
}

TEST_CASE("completion knows commands first, then names") {
  Names names{.users = {"@bob", "@bea", "@carol"}, .conversations = {"@bob", "#team"}};
  CHECK(completions("/cr", names) == std::vector<std::string>{"/create-group"});
  CHECK(completions("/dm b", names) == std::vector<std::string>{"@bea", "@bob"});
  CHECK(completions("/invite bob @c", names) == std::vector<std::string>{"@carol"});
  CHECK(completions("/switch #", names) == std::vector<std::string>{"#team"});
  CHECK(completions("hello b", names).empty());
  CHECK(completions("hi @b", names).size() == 2);
}

TEST_CASE("help names every command once, and one command whole") {
  std::string all = helpText("");
  for (const char* usage :
       {"/dm USER", "/create-group TITLE", "/invite USERS", "/history [COUNT]", "/switch ", "/quit"}) {
    INFO(usage);
    CHECK(all.find(usage) != std::string::npos);
  }
  CHECK(helpText("/cg").find("also /cg") != std::string::npos);
}

}  // namespace
}  // namespace qpq::command
