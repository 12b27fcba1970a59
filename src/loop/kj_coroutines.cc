// Debian's libkj-async is built below C++20 and leaves out the members of kj::_::CoroutineBase, which every coroutine
// returning kj::Promise needs at link time. This file defines them against the public headers of exactly one version.
//
// It goes away with the first libkj-async that has the symbols: then the linker reports them twice.
#include <capnp/common.h>
#include <kj/async.h>
#include <kj/exception.h>

static_assert(CAPNP_VERSION == 1001000,
              "kj::_::CoroutineBase is internal to KJ: read its header again before moving on");
static_assert(KJ_HAS_COROUTINE, "the rooms above the KJ line are written as coroutines");

namespace kj::_ {

CoroutineBase::CoroutineBase(stdcoro::coroutine_handle<> handle, ExceptionOrValue& result, SourceLocation location)
    : Event(location), coroutine(handle), resultRef(result) {}

CoroutineBase::~CoroutineBase() noexcept(false) {
  KJ_IF_MAYBE (results, maybeDisposalResults) {
    results->destructorRan = true;
  }
}

// Called instead of delete when the promise is dropped: the frame owns this object, not the other way round. What a
// destructor in the frame throws arrives in unhandled_exception() and is passed on once the frame is gone.
void CoroutineBase::destroy() {
  DisposalResults results;
  maybeDisposalResults = results;
  auto frame = coroutine;
  frame.destroy();  // ends the life of *this
  KJ_IF_MAYBE (exception, results.exception) {
    throwFatalException(kj::mv(*exception));
  }
}

void CoroutineBase::unhandled_exception() {
  auto exception = getCaughtExceptionAsKj();
  KJ_IF_MAYBE (results, maybeDisposalResults) {
    if (results->exception == nullptr) results->exception = kj::mv(exception);
    return;
  }
  resultRef.addException(kj::mv(exception));
  if (isWaiting()) scheduleResumption();
}

void CoroutineBase::onReady(Event* event) noexcept { onReadyEvent.init(event); }

void CoroutineBase::tracePromise(TraceBuilder& builder, bool stopAtNextEvent) {
  if (stopAtNextEvent) return;
  KJ_IF_MAYBE (node, promiseNodeForTrace) {
    node->tracePromise(builder, stopAtNextEvent);
  }
  builder.add(coroutine.address());
}

void CoroutineBase::traceEvent(TraceBuilder& builder) {
  KJ_IF_MAYBE (node, promiseNodeForTrace) {
    node->tracePromise(builder, true);
  }
  builder.add(coroutine.address());
  onReadyEvent.traceEvent(builder);
}

Maybe<Own<Event>> CoroutineBase::fire() {
  promiseNodeForTrace = nullptr;
  coroutine.resume();
  return nullptr;
}

CoroutineBase::AwaiterBase::AwaiterBase(OwnPromiseNode awaited): node(kj::mv(awaited)) {}
CoroutineBase::AwaiterBase::AwaiterBase(AwaiterBase&&) = default;

CoroutineBase::AwaiterBase::~AwaiterBase() noexcept(false) {
  KJ_IF_MAYBE (event, maybeCoroutineEvent) {
    event->promiseNodeForTrace = nullptr;
  }
  unwindDetector.catchExceptionsIfUnwinding([this]() { node = nullptr; });
}

void CoroutineBase::AwaiterBase::getImpl(ExceptionOrValue& result, void* awaitedAt) {
  node->get(result);
  KJ_IF_MAYBE (thrown, result.exception) {
    auto exception = kj::mv(*thrown);
    result.exception = nullptr;
    exception.addTrace(awaitedAt);
    throwFatalException(kj::mv(exception));
  }
}

// A promise that is ready and next in the queue is taken without a round through the event loop, except at the first
// co_await: a coroutine must not run to its end inside the call that started it.
bool CoroutineBase::AwaiterBase::awaitSuspendImpl(CoroutineBase& event) {
  node->setSelfPointer(&node);
  node->onReady(&event);
  if (event.hasSuspendedAtLeastOnce && event.isNext()) {
    event.disarm();
    return false;
  }
  event.hasSuspendedAtLeastOnce = true;
  event.promiseNodeForTrace = *node;
  maybeCoroutineEvent = event;
  return true;
}

}  // namespace kj::_
