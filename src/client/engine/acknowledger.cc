#include "client/engine/acknowledger.h"

#include <algorithm>
#include <utility>

#include "client/engine/limits.h"
#include "schema/data.h"

namespace qpq::client {

void Acknowledger::stored(const LogId& log, uint64_t seq, std::size_t entries) {
  uint64_t& place = places_[log];
  place = std::max(place, seq);
  entries_ += entries;
  if (entries_ >= kAcknowledgeEntriesMax) {
    tasks_.add(flush());
  } else if (!waits_) {
    waits_ = true;
    tasks_.add(timer_.afterDelay(kAcknowledgeDelayMs * kj::MILLISECONDS).then([this]() {
      waits_ = false;
      return flush();
    }));
  }
}

kj::Promise<void> Acknowledger::flush() {
  auto places = std::exchange(places_, {});
  entries_ = 0;
  for (auto it = places.begin(); it != places.end();) {
    auto remaining = static_cast<std::size_t>(std::distance(it, places.end()));
    auto request = logs_.acknowledgeRequest();
    auto list = request.initPlaces(static_cast<kj::uint>(std::min(remaining, kPlacesPerCallMax)));
    for (auto place : list) {
      place.setLog(schema::dataOf(it->first.view()));
      place.setSeq(it->second);
      ++it;
    }
    co_await request.send().ignoreResult();
  }
}

void Acknowledger::taskFailed(kj::Exception&&) {
  // The connection is gone; the next one begins from what is stored, and acknowledges it.
}

}  // namespace qpq::client
