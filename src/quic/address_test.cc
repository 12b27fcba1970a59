#include "quic/address.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::quic {
namespace {

TEST_CASE("an address is read from text and printed the same") {
  for (std::string text : {"127.0.0.1:7000", "0.0.0.0:0", "[::1]:65535", "[2001:db8::1]:443"}) {
    auto address = SocketAddress::parse(text);
    REQUIRE(address.has_value());
    CHECK(address->text() == text);
  }
  CHECK(SocketAddress::parse("[fe80::1%lo]:1")->scope != 0);
}

TEST_CASE("what is no number address and port is refused, names too") {
  for (std::string text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:7 ", "localhost:7000",
        "::1:7000", "[::1]", "[::1:7000", "1.2.3:4", "[fe80::1%none]:1", "127.0.0.1:+5", "[]:1"}) {
    INFO(text);
    CHECK_FALSE(SocketAddress::parse(text).has_value());
  }
}

TEST_CASE("the system's form and ours are one") {
  for (std::string text : {"192.0.2.1:7000", "[2001:db8::1]:7000"}) {
    auto address = SocketAddress::parse(text).value();
    SystemAddress raw(address);
    CHECK(SystemAddress::read(raw.get(), raw.length()) == address);
    CHECK_FALSE(SystemAddress::read(raw.get(), raw.length() - 1).has_value());
  }
  SystemAddress unix;
  unix.get()->sa_family = AF_UNIX;
  CHECK_FALSE(SystemAddress::read(unix.get(), SystemAddress::capacity()).has_value());
}

TEST_CASE("limits count IPv4 addresses whole and IPv6 by the household") {
  auto block = [](const char* text) { return SocketAddress::parse(text)->block(); };
  CHECK(block("192.0.2.1:1") == block("192.0.2.1:2"));
  CHECK(block("192.0.2.1:1") != block("192.0.2.2:1"));
  CHECK(block("[2001:db8:0:7::1]:1") == block("[2001:db8:0:7:ffff::2]:9"));
  CHECK(block("[2001:db8:0:7::1]:1") != block("[2001:db8:0:8::1]:1"));
}

}  // namespace
}  // namespace qpq::quic
