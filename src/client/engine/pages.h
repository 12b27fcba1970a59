#pragma once

#include <optional>
#include <vector>

#include "client/core/delivery.h"
#include "schema/log.capnp.h"

// The schema's pages as the core takes them. Nothing is judged here but that ids have their size.
namespace qpq::client {

std::optional<core::Page> pageOf(schema::Page::Reader page);
std::optional<core::IndexEntry> indexEntryOf(schema::IndexEntry::Reader entry);

}  // namespace qpq::client
