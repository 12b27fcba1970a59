#include "server/observe/page.h"

#include <algorithm>
#include <array>
#include <vector>

#include "server/observe/process_figures.h"

namespace qpq::server {

namespace {

double number(std::size_t count) { return static_cast<double>(count); }

std::vector<Budget> budgetsOf(const Observed& observed) {
  auto budgets = observed.listener.budgets();
  auto more = observed.services.budgets();
  budgets.insert(budgets.end(), more.begin(), more.end());
  return budgets;
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
  const Services& services = observed.services;
  out.gauge("delivery_queue_depth", "Operations waiting for the next transaction.", number(services.writesWaiting()));
  out.gauge("qpq_sessions", "Devices signed in.", number(services.sessions.count()));
  out.gauge("qpq_followers", "Follow calls that live.", number(services.followers.count()));
  observed.listener.write(out);
  writeBudgets(out, budgetsOf(observed));
  std::array build{Sample{observed.version, 1}};
  out.gauges("qpq_build_info", "The version that runs.", "version", build);
  writeProcessFigures(out, observed.startedMs);
  return std::move(out).take();
}

}  // namespace qpq::server
