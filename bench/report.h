#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qpq::bench {

// One measured number. Every bench of the project prints the same columns and the same JSON keys.
struct Result {
  std::string name;                // what was measured: "case" in JSON
  uint64_t n = 1;                  // how large the case is: clients at once, members of a group …
  uint64_t operations = 1;         // how many stand behind the value
  std::optional<uint64_t> size{};  // bytes of one operation's payload
  double value = 0;
  std::string_view unit;
  std::string_view subject = "qpq";      // or the peer's name
  std::string_view durability = "none";  // what an answer meant: none, fsync …
  std::optional<double> reference{};     // an earlier number for the same thing, in the same unit
  std::vector<std::pair<std::string_view, std::string>> keys{};  // what else tells the case from others of its name
  std::vector<std::pair<std::string_view, double>> figures{};    // what else was measured: p50, p99, floor …
};

// What the project wants of a number.
struct Goal {
  enum class Is { atMost, atLeast } is;
  double value;
  bool isMetBy(double measured) const { return is == Is::atMost ? measured <= value : measured >= value; }
};
// The goal becomes the result's reference, and `goal` says whether it is met.
Result against(const Goal& goal, Result result);

// A number the caller of a bench may set: `--name NUMBER`, or NUMBER alone where the name is empty.
struct Setting {
  std::string_view name;
  uint64_t& value;
};

// Prints results as they come: a table for people, or with --json one object a line.
class Report {
 public:
  // Reads the program's arguments; ends the program (exit 2) on one it does not know.
  Report(std::string_view bench, int argc, char** argv, const std::vector<Setting>& settings = {});
  void section(std::string_view title);  // a heading in the table
  void add(const Result& result);
  void note(std::string_view sentence);  // for people: not among the objects of --json

  // How much to measure: with --quick only enough to see that everything works, and the numbers mean little.
  enum class Length { full, quick };
  Length length() const { return length_; }
  template <class T>
  T pick(T full, T quick) const {
    return length_ == Length::full ? full : quick;
  }

 private:
  std::string bench_;
  enum class Form { table, json } form_ = Form::table;
  Length length_ = Length::full;
};

}  // namespace qpq::bench
