#include "crypto/suite.h"

#include <algorithm>

namespace qpq::crypto {

const Suite* findSuite(uint16_t id, SuiteTable table) {
  auto found = std::ranges::find(table, id, &Suite::id);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace qpq::crypto
