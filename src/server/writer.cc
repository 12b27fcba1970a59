#include "server/writer.h"

#include <kj/debug.h>

namespace qpq::server {

StoreWriter::StoreWriter(loop::Worker& worker, WriteQueue& queue)
    : worker_(worker),
      queue_(queue),
      mailbox_([this](WriteQueue::Flushed flushed) { settle(flushed); }),
      tasks_(*this) {
  queue_.join(mailbox_.slot());
}

StoreWriter::~StoreWriter() noexcept(false) { queue_.leave(mailbox_.slot()); }

bool StoreWriter::enqueue(const WriteQueue::About& about, WriteQueue::Work work) {
  switch (queue_.push(std::move(work), tickets_ + 1, mailbox_.slot(), about)) {
    case WriteQueue::Pushed::full: return false;
    case WriteQueue::Pushed::queued: break;
    case WriteQueue::Pushed::first:
      // A turn later, so that calls which came in together share the first flush, too.
      tasks_.add(kj::evalLater([this]() { return worker_.run([&queue = queue_]() { queue.flushAll(); }); }));
      break;
  }
  ++tickets_;
  return true;
}

void StoreWriter::settle(const WriteQueue::Flushed& flushed) {
  bool durable = flushed.news != nullptr;
  if (durable) listener_(*flushed.news);
  for (uint64_t ticket : flushed.tickets) {
    auto settle = settles_.extract(ticket);
    settle.mapped()(durable);
  }
  if (!settles_.empty()) return;
  for (auto& waiting : waitingForDrain_) waiting->fulfill();
  waitingForDrain_.clear();
}

kj::Promise<void> StoreWriter::drained() {
  if (settles_.empty()) return kj::READY_NOW;
  auto paired = kj::newPromiseAndFulfiller<void>();
  waitingForDrain_.add(kj::mv(paired.fulfiller));
  return kj::mv(paired.promise);
}

void StoreWriter::taskFailed(kj::Exception&& exception) { KJ_LOG(FATAL, "the writer itself failed", exception); }

}  // namespace qpq::server
