#include "server/observe/metrics.h"

#include <numeric>

namespace qpq::server {

namespace {

template <class End>
std::size_t at(End end) {
  return static_cast<std::size_t>(end);
}

template <std::size_t N>
std::array<Sample, N> samples(const std::array<uint64_t, N>& counts, const std::array<std::string_view, N>& names) {
  std::array<Sample, N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = {names[i], static_cast<double>(counts[i])};
  return out;
}

double number(uint64_t count) { return static_cast<double>(count); }

}  // namespace

void Metrics::flushed(std::size_t operations, kj::Duration took, FlushEnd end) {
  std::scoped_lock lock(mutex_);
  ++flushes_[at(end)];
  flushOperations_.add(number(operations));
  flushSeconds_.add(took);
}

void Metrics::appended(AppendEnd end, std::size_t bytes, kj::Duration took) {
  std::scoped_lock lock(mutex_);
  ++appends_[at(end)];
  if (end != AppendEnd::stored) return;
  appendedBytes_ += bytes;
  appendSeconds_.add(took);
}

void Metrics::pushed(std::size_t entries) {
  std::scoped_lock lock(mutex_);
  pushedEntries_ += entries;
}

void Metrics::pushAnswered(kj::Duration took) {
  std::scoped_lock lock(mutex_);
  pushSeconds_.add(took);
}

void Metrics::loginEnded(LoginEnd end, kj::Duration took) {
  std::scoped_lock lock(mutex_);
  ++logins_[at(end)];
  if (end == LoginEnd::proven || end == LoginEnd::denied) loginSeconds_.add(took);
}

void Metrics::write(Exposition& out) const {
  std::scoped_lock lock(mutex_);
  out.counter("enqueue_total", "Entries stored in logs.", number(appends_[at(AppendEnd::stored)]));
  out.counter("enqueue_bytes_total", "Bytes of envelopes and Welcomes stored.", number(appendedBytes_));
  out.counter("fetch_total", "Pages answered to read calls.", number(pagesRead_));
  out.counter("fetch_wait_total", "Follow calls begun: what clients wait with.", number(follows_));
  out.counter("key_package_upload_total", "Key packages published.", number(packages_));
  out.counter("auth_login_success_total", "Logins whose password was proven.", number(logins_[at(LoginEnd::proven)]));
  out.counter("auth_login_failure_total", "Logins without a proven password, for whatever reason.",
              number(std::accumulate(logins_.begin(), logins_.end(), uint64_t{0}) - logins_[at(LoginEnd::proven)]));
  out.counter("rate_limit_hit_total", "Calls told to come back later.", number(limited_));

  out.counters("qpq_appends_total", "Appends by how they ended.", "outcome",
               samples<5>(appends_, {"stored", "conflict", "refused", "limited", "unavailable"}));
  out.histogram("qpq_append_seconds", "From the call of an append to its durable answer.", appendSeconds_);
  out.histogram("qpq_push_seconds", "From sending a page to a follower to its word that it has it.", pushSeconds_);
  out.counter("qpq_pushed_entries_total", "Entries sent to followers.", number(pushedEntries_));
  out.histogram("qpq_handshake_seconds", "From a client's first datagram to the end of its handshake.", handshakes_);
  out.histogram("qpq_login_seconds", "From the start of a login to the word on its password, stretching included.",
                loginSeconds_);
  out.counters("qpq_logins_total", "Logins by how they ended; a wrong password is abandoned by its client.", "outcome",
               samples<5>(logins_, {"proven", "denied", "abandoned", "limited", "malformed"}));
  out.counters("qpq_resumes_total", "Sign-ins by device key.", "outcome",
               samples<3>(resumes_, {"resumed", "denied", "revoked"}));
  out.counter("qpq_registrations_total", "Accounts registered.", number(registrations_));
  out.counters("qpq_bulk_bytes_total", "Bytes moved on streams beside the control streams.", "way",
               samples<2>(bulkBytes_, {"in", "out"}));
  out.counter("qpq_files_stored_total", "Uploads that were complete and became files.", number(filesStored_));
  out.counter("qpq_quota_refusals_total", "Uploads refused since their account holds as much as it may.",
              number(quotaRefusals_));
  out.counters("qpq_flushes_total", "Transactions of the store.", "outcome",
               samples<2>(flushes_, {"durable", "failed"}));
  out.histogram("qpq_flush_operations", "Operations that shared one transaction.", flushOperations_);
  out.histogram("qpq_flush_seconds", "From handing a transaction to the disk to its end.", flushSeconds_);
}

}  // namespace qpq::server
