#pragma once

#include "sql/migrate.h"

namespace qpq::client::store {

// The tables of profile.db, as history.
const sql::Schema& profileSchema();

}  // namespace qpq::client::store
