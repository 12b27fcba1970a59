#include "server/admin/address.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace qpq::server {

AdminAddress::AdminAddress(const std::string& folder)
    : folder_(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  name_.sun_family = AF_UNIX;
  std::string path = "/proc/self/fd/" + std::to_string(folder_) + "/admin.sock";
  std::memcpy(name_.sun_path, path.c_str(), path.size() + 1);
}

AdminAddress::~AdminAddress() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace qpq::server
