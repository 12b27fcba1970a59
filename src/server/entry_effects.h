#pragma once

#include <set>

#include "server/write.h"
#include "wire/logs/readers.h"
#include "wire/logs/terms.h"

// What an entry changes beside its log: who may read, and whose inbox has news.
namespace qpq::server {

// Every device a set of terms changes the rights of.
std::set<wire::RosterEntry> devicesIn(const wire::Terms& terms);

// The newest stretch of rights of each of these that has one.
[[nodiscard]] store::Result<wire::Readers> readersAmong(Write& write, store::LogKey log,
                                                        const std::set<wire::RosterEntry>& devices);

// `after`: Readers::after() of at least the devices in the terms. Their accounts hear of it.
[[nodiscard]] store::Result<void> moveRights(Write& write, store::LogKey log, const wire::Terms& terms,
                                             const wire::Readers& after);

}  // namespace qpq::server
