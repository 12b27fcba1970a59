#pragma once

#include "client/store/tables.h"
#include "client/view.h"

namespace qpq::client::conversation {

// A message as faces see it.
store::Result<MessageView> shown(store::Tables& tables, const store::Message& message);

}  // namespace qpq::client::conversation
