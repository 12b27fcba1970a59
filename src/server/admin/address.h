#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

namespace qpq::server {

// The name of the admin socket in a data folder. A socket's address is at most 107 bytes; through an open folder it is
// short wherever the folder lies.
class AdminAddress {
 public:
  explicit AdminAddress(const std::string& folder);
  ~AdminAddress();
  AdminAddress(const AdminAddress&) = delete;
  AdminAddress& operator=(const AdminAddress&) = delete;

  bool isThere() const { return folder_ >= 0; }  // the folder
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }
  const char* path() const { return name_.sun_path; }

 private:
  int folder_;
  sockaddr_un name_{};
};

}  // namespace qpq::server
