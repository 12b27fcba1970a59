#include "report.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <thread>

namespace qpq::bench {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Three or four figures that count, whatever the size.
std::string figure(double value) {
  if (value >= 1000) return std::format("{:.0f}", value);
  if (value >= 10) return std::format("{:.1f}", value);
  return std::format("{:.3f}", value);
}

bool readNumber(std::string_view word, uint64_t& value) {
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size();
}

// Whether the word at `at` sets something; `index` moves on if it took another word for it.
bool take(const std::vector<Setting>& settings, char** at, char** end, int& index) {
  std::string_view word(*at);
  for (const Setting& setting : settings) {
    if (setting.name.empty() && readNumber(word, setting.value)) return true;
    if (setting.name.empty() || word != std::format("--{}", setting.name) || at + 1 == end) continue;
    ++index;
    return readNumber(at[1], setting.value);
  }
  return false;
}

void line(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  std::puts(text.c_str());
  std::fflush(stdout);
}

}  // namespace

Report::Report(std::string_view bench, int argc, char** argv, const std::vector<Setting>& settings): bench_(bench) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word(argv[i]);
    if (word == "--json") {
      form_ = Form::json;
    } else if (word == "--quick") {
      length_ = Length::quick;
    } else if (!take(settings, argv + i, argv + argc, i)) {
      std::string usage = std::format("usage: bench_{} [--json] [--quick]", bench_);
      for (const Setting& setting : settings) {
        usage += setting.name.empty() ? " [NUMBER]" : std::format(" [--{} NUMBER]", setting.name);
      }
      std::fprintf(stderr, "%s\n", usage.c_str());
      std::exit(2);
    }
  }
}

Result against(const Goal& goal, Result result) {
  result.reference = goal.value;
  result.keys.emplace_back("goal", goal.isMetBy(result.value) ? "met" : "missed");
  return result;
}

void Report::section(std::string_view title) {
  if (form_ == Form::table) {
    line(std::format("\n{:<54} {:>5} {:>10} {:<6} {:>10} {:>7}", title, "n", "measured", "", "reference", "ratio"));
  }
}

void Report::note(std::string_view sentence) {
  if (form_ == Form::table) line(std::string(sentence));
}

void Report::add(const Result& result) {
  if (form_ == Form::json) {
    std::string more = result.size ? std::format(R"(,"size":{})", *result.size) : "";
    if (result.reference) more += std::format(R"(,"reference":{})", *result.reference);
    for (const auto& [key, value] : result.keys) {
      bool isNumber = value.find_first_not_of("0123456789") == std::string::npos;
      more += std::format(",{}:{}", quoted(key), isNumber ? value : quoted(value));
    }
    for (const auto& [key, value] : result.figures) more += std::format(",{}:{:.6g}", quoted(key), value);
    line(std::format(R"({{"bench":{},"case":{},"n":{},"subject":{},"value":{:.6g},"unit":{},"durability":{},)"
                     R"("operations":{},"cores":{}{}}})",
                     quoted(bench_), quoted(result.name), result.n, quoted(result.subject), result.value,
                     quoted(result.unit), quoted(result.durability), result.operations,
                     std::thread::hardware_concurrency(), more));
    return;
  }
  std::string name = result.subject == "qpq" ? result.name : std::format("{} ({})", result.name, result.subject);
  if (result.size && !result.keys.empty()) name += std::format(", {} B", *result.size);
  for (const auto& [key, value] : result.keys) name += std::format(", {} {}", key, value);
  std::string reference = result.reference ? figure(*result.reference) : "";
  std::string ratio = result.reference ? std::format("{:.2f}", result.value / *result.reference) : "";
  std::string more;
  for (const auto& [key, value] : result.figures) more += std::format("  {} {}", key, figure(value));
  line(std::format("{:<54} {:>5} {:>10} {:<6} {:>10} {:>7}{}", name, result.n, figure(result.value), result.unit,
                   reference, ratio, more));
}

}  // namespace qpq::bench
