#include "server/observe/exposition.h"

#include <format>

namespace qpq::server {

namespace {

// As the format wants it in a label's value.
std::string escaped(std::string_view text) {
  std::string out;
  for (char character : text) {
    if (character == '\\' || character == '"') out += '\\';
    if (character == '\n') {
      out += "\\n";
    } else {
      out += character;
    }
  }
  return out;
}

}  // namespace

void Exposition::head(std::string_view name, std::string_view help, std::string_view type) {
  text_ += std::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::counter(std::string_view name, std::string_view help, double value) {
  head(name, help, "counter");
  text_ += std::format("{} {}\n", name, value);
}

void Exposition::gauge(std::string_view name, std::string_view help, double value) {
  head(name, help, "gauge");
  text_ += std::format("{} {}\n", name, value);
}

void Exposition::labelled(std::string_view name, std::string_view label, std::span<const Sample> samples) {
  for (const Sample& sample : samples) {
    text_ += std::format("{}{{{}=\"{}\"}} {}\n", name, label, escaped(sample.label), sample.value);
  }
}

void Exposition::counters(std::string_view name, std::string_view help, std::string_view label,
                          std::span<const Sample> samples) {
  head(name, help, "counter");
  labelled(name, label, samples);
}

void Exposition::gauges(std::string_view name, std::string_view help, std::string_view label,
                        std::span<const Sample> samples) {
  head(name, help, "gauge");
  labelled(name, label, samples);
}

void Exposition::histogram(std::string_view name, std::string_view help, const Histogram& histogram) {
  head(name, help, "histogram");
  auto cumulative = histogram.cumulative();
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    text_ += std::format("{}_bucket{{le=\"{}\"}} {}\n", name, histogram.bounds()[i], cumulative[i]);
  }
  text_ += std::format("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n", name, cumulative.back(),
                       histogram.sum());
}

}  // namespace qpq::server
