#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/observe/histogram.h"

namespace qpq::server {

// One value of a metric, told from the others by its label.
struct Sample {
  std::string_view label;
  double value;
};

// A page in Prometheus' text format, version 0.0.4. Names and help texts are ours: letters, digits and `_` in a name.
class Exposition {
 public:
  void counter(std::string_view name, std::string_view help, double value);
  void gauge(std::string_view name, std::string_view help, double value);
  void counters(std::string_view name, std::string_view help, std::string_view label, std::span<const Sample> samples);
  void gauges(std::string_view name, std::string_view help, std::string_view label, std::span<const Sample> samples);
  void histogram(std::string_view name, std::string_view help, const Histogram& histogram);

  std::string take() && { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view help, std::string_view type);
  void labelled(std::string_view name, std::string_view label, std::span<const Sample> samples);
  std::string text_;
};

}  // namespace qpq::server
