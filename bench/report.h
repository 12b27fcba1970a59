#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qpq::bench {

// One measured number. Every bench of the project prints the same columns and the same JSON keys.
struct Result {
  std::string name;  // what was measured: "case" in JSON
  uint64_t n = 1;    // how many operations stand behind the value
  double value = 0;
  std::string_view unit;
  std::string_view subject = "qpq";      // or the peer's name
  std::string_view durability = "none";  // what an answer meant: none, memory, fsync …
  std::optional<double> reference{};     // an earlier number for the same thing, in the same unit
};

// Prints results as they come: a table for people, or with --json one object a line.
class Report {
 public:
  // Reads the program's arguments; ends the program (exit 2) on one it does not know.
  Report(std::string_view bench, int argc, char** argv);
  void section(std::string_view title);  // a heading in the table
  void add(const Result& result);

 private:
  std::string bench_;
  enum class Form { table, json } form_ = Form::table;
};

}  // namespace qpq::bench
