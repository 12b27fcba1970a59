#include "client/engine/quic_connector.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::client {
namespace {

TEST_CASE("a server is a host, and a port where it is not the usual one") {
  CHECK(parseServer("example.org") == HostAndPort{"example.org", 7000});
  CHECK(parseServer("127.0.0.1:7001") == HostAndPort{"127.0.0.1", 7001});
  CHECK(parseServer("[::1]:9") == HostAndPort{"::1", 9});
  CHECK(parseServer("[::1]") == HostAndPort{"::1", 7000});
  for (const char* bad :
       {"", ":7000", "host:", "host:0", "host:65536", "host:7000x", "::1", "[::1", "[::1]7000", "[::1]:", "[]:1"}) {
    INFO(bad);
    CHECK_FALSE(parseServer(bad).has_value());
  }
}

}  // namespace
}  // namespace qpq::client
