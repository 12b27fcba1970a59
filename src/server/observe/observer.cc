#include "server/observe/observer.h"

namespace qpq::server {

Observer& unobserved() {
  static Observer nobody;  // holds no state
  return nobody;
}

}  // namespace qpq::server
