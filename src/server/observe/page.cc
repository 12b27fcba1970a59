#include "server/observe/page.h"

#include <algorithm>
#include <array>
#include <vector>

#include "server/limits.h"
#include "server/observe/process_figures.h"

namespace qpq::server {

namespace {

double number(std::size_t count) { return static_cast<double>(count); }

// Bounds that each loop keeps for itself, of the loops together.
std::vector<Budget> budgetsOf(const Observed& observed) {
  constexpr quic::Limits kLimits;
  const LoopFigures& figures = observed.figures;
  std::vector<Budget> budgets{
      {"connections", figures.quic.connections, kLimits.connectionsMax},
      {"half_open", figures.quic.halfOpen, kLimits.halfOpenMax},
      {"tombstones", figures.quic.tombstones, kLimits.tombstonesMax},
      {"acknowledgements", figures.acknowledgements, figures.loops * kAcknowledgementsWaitingMax},
      observed.memory.budget()};
  for (const auto& some : {observed.writes.budgets(), observed.rates.budgets()}) {
    budgets.insert(budgets.end(), some.begin(), some.end());
  }
  return budgets;
}

void writeQuic(Exposition& out, const quic::Endpoint::Counters& counters) {
  auto counter = [&](std::string_view name, std::string_view help, uint64_t value) {
    out.counter(name, help, static_cast<double>(value));
  };
  counter("qpq_datagrams_received_total", "UDP datagrams received.", counters.datagramsIn);
  counter("qpq_datagrams_for_nobody_total", "Datagrams of no connection.", counters.datagramsForNobody);
  counter("qpq_datagrams_handed_over_total", "Datagrams handed to the loop they were for.", counters.handedOver);
  counter("qpq_quic_retries_total", "Clients asked to prove their address.", counters.retries);
  counter("qpq_quic_refusals_total", "Clients refused.", counters.refusals);
  counter("qpq_quic_resets_total", "Stateless resets sent.", counters.resets);
  counter("qpq_quic_replies_withheld_total", "Stateless answers over their rate.", counters.withheld);
}

void writeBudgets(Exposition& out, const std::vector<Budget>& budgets) {
  std::vector<Sample> used;
  std::vector<Sample> limits;
  for (const Budget& budget : budgets) {
    used.push_back({budget.name, number(budget.used)});
    limits.push_back({budget.name, number(budget.max)});
  }
  out.gauges("qpq_budget_used", "How much of each limit of the whole server is used.", "budget", used);
  out.gauges("qpq_budget_limit", "Each limit of the whole server.", "budget", limits);
}

}  // namespace

std::string metricsPage(const Observed& observed) {
  Exposition out;
  observed.metrics.write(out);
  auto budgets = budgetsOf(observed);
  auto waiting = std::ranges::find(budgets, "write_queue", &Budget::name);
  out.gauge("delivery_queue_depth", "Operations waiting for the next transaction.", number(waiting->used));
  out.gauge("qpq_loops", "Event loops that serve.", number(observed.figures.loops));
  out.gauge("qpq_sessions", "Devices signed in.", number(observed.figures.sessions));
  out.gauge("qpq_followers", "Follow calls that live.", number(observed.figures.followers));
  writeQuic(out, observed.figures.quic);
  writeBudgets(out, budgets);
  std::array build{Sample{observed.version, 1}};
  out.gauges("qpq_build_info", "The version that runs.", "version", build);
  writeProcessFigures(out, observed.startedMs);
  return std::move(out).take();
}

}  // namespace qpq::server
