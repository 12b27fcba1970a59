#include "server/observe/loop_figures.h"

namespace qpq::server {

LoopFigures& LoopFigures::operator+=(const LoopFigures& other) {
  loops += other.loops;
  sessions += other.sessions;
  followers += other.followers;
  acknowledgements += other.acknowledgements;
  quic += other.quic;
  return *this;
}

}  // namespace qpq::server
