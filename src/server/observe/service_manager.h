#pragma once

#include <string_view>

namespace qpq::server {

// Says to systemd how the service is ("READY=1", "STOPPING=1": sd_notify(3)). Without NOTIFY_SOCKET nobody is told;
// what cannot be said is no reason to stop.
void tellServiceManager(std::string_view state);

}  // namespace qpq::server
