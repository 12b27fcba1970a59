#include "server/tails.h"

#include <kj/debug.h>

namespace qpq::server {

kj::Promise<std::shared_ptr<const Page>> Tails::read(const LogId& log, uint64_t after) {
  Key key(log, after);
  if (auto found = underWay_.find(key); found != underWay_.end()) return found->second.page.addBranch();
  uint64_t number = ++begun_;
  // A turn later: when everyone who waited has gone, the reading would else be destroyed by its own last step.
  auto ended = [this, key, number]() { ends_.add(kj::evalLater([this, key, number]() { end(key, number); })); };
  auto page =
      logs_.tail(log, after)
          .then(
              [ended](std::expected<std::optional<Page>, Unavailable> read) {
                ended();
                bool isThere = read && *read;
                return isThere ? std::make_shared<const Page>(**std::move(read)) : std::shared_ptr<const Page>();
              },
              [ended](kj::Exception&&) {
                ended();
                return std::shared_ptr<const Page>();
              });
  auto placed = underWay_.emplace(key, Reading{number, page.fork()});
  return placed.first->second.page.addBranch();
}

void Tails::end(const Key& key, uint64_t number) {
  if (auto own = underWay_.find(key); own != underWay_.end() && own->second.number == number) underWay_.erase(own);
}

void Tails::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "a reading did not end", exception); }

void Tails::forget(const LogId& log) {
  auto end = underWay_.upper_bound({log, UINT64_MAX});
  underWay_.erase(underWay_.lower_bound({log, 0}), end);
}

}  // namespace qpq::server
