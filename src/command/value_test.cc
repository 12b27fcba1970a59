#include "command/value.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::command {
namespace {

TEST_CASE("values go out as JSON and come back") {
  Value value = Value::object({{"name", "bob"},
                               {"n", Value::number(3)},
                               {"ok", true},
                               {"none", {}},
                               {"list", Value::List{1, "two", Value::object()}}});
  CHECK(toJson(value) == R"({"name":"bob","n":3,"ok":true,"none":null,"list":[1,"two",{}]})");
  CHECK(fromJson(toJson(value)) == value);
  CHECK(fromJson(toPrettyJson(value)) == value);
}

TEST_CASE("what cannot be held exactly is refused with a sentence") {
  CHECK(fromJson("{").error() == "not JSON at byte 2");
  CHECK(fromJson("1.5").error() == "numbers are whole and fit 64 bits");
  CHECK(fromJson("9223372036854775808").error() == "a number is too large");
  CHECK(fromJson("92233720368547758080").error() == "numbers are whole and fit 64 bits");
  CHECK(fromJson(R"({"a":1,"a":2})").error() == "the key \"a\" stands twice");
  CHECK(fromJson("{} x").has_value() == false);
  CHECK(fromJson("").has_value() == false);
  CHECK(fromJson("\"\xff\"").has_value() == false);
}

TEST_CASE("depth has an end") {
  std::string fits(kJsonDepthMax, '[');
  CHECK(fromJson(fits + std::string(kJsonDepthMax, ']')).has_value());
  CHECK(fromJson("[" + fits + std::string(kJsonDepthMax + 1, ']')).error() == "nested too deeply");
  CHECK(fromJson(std::string(1'000'000, '[')).error() == "nested too deeply");
}

TEST_CASE("text that is not UTF-8 still becomes JSON") { CHECK(toJson(Value("a\xff")) == "\"a�\""); }

TEST_CASE("asking for what is not there gives nothing") {
  Value value = Value::object({{"text", "x"}, {"number", 1}});
  CHECK(value.textAt("text") == "x");
  CHECK(value.textAt("number").empty());
  CHECK(value.numberAt("absent") == 0);
  CHECK_FALSE(value.flagAt("text"));
  CHECK(value.listAt("text").empty());
  CHECK(Value("plain").find("x") == nullptr);
}

}  // namespace
}  // namespace qpq::command
