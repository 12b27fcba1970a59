#include "server/observe/exposition.h"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace qpq::server;

TEST_CASE("a page in Prometheus' text format") {
  Exposition out;
  out.counter("a_total", "All of a.", 3);
  std::array samples{Sample{"one", 1}, Sample{"a \"b\"\\\n", 2.5}};
  out.gauges("b", "Some b.", "kind", samples);
  CHECK(std::move(out).take() ==
        "# HELP a_total All of a.\n# TYPE a_total counter\na_total 3\n"
        "# HELP b Some b.\n# TYPE b gauge\nb{kind=\"one\"} 1\nb{kind=\"a \\\"b\\\"\\\\\\n\"} 2.5\n");
}

TEST_CASE("a histogram counts at or below each bound and everything at last") {
  constexpr double kBounds[] = {0.5, 1};
  Histogram histogram(kBounds);
  for (double value : {0.1, 0.5, 0.6, 1.0, 7.0}) histogram.add(value);
  CHECK(histogram.cumulative() == std::vector<uint64_t>{2, 4, 5});
  Exposition out;
  out.histogram("h_seconds", "Time.", histogram);
  CHECK(std::move(out).take() ==
        "# HELP h_seconds Time.\n# TYPE h_seconds histogram\n"
        "h_seconds_bucket{le=\"0.5\"} 2\nh_seconds_bucket{le=\"1\"} 4\nh_seconds_bucket{le=\"+Inf\"} 5\n"
        "h_seconds_sum 9.2\nh_seconds_count 5\n");
}

TEST_CASE("a duration is added in seconds") {
  Histogram histogram(kSecondsBounds);
  histogram.add(3 * kj::MILLISECONDS);
  CHECK(histogram.sum() == 0.003);
  CHECK(histogram.cumulative()[2] == 0);
  CHECK(histogram.cumulative()[3] == 1);
}
