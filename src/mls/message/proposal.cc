#include "mls/message/proposal.h"

namespace qpq::mls {

ProposalType Proposal::type() const {
  return std::visit(
      []<class T>(const T& held) {
        if constexpr (Known::kHas<T>) {
          return Known::tagOf<T>();
        } else {
          return held.type;
        }
      },
      body);
}

Decoded<Proposal> Proposal::read(Reader& in) {
  ProposalType type = TRY(qpq::read<ProposalType>(in));
  if (Known::knows(type)) return Proposal{TRY(Known::readBody<Body>(in, type))};
  return Proposal{UnknownProposal{type, TRY(qpq::read<Bytes>(in))}};
}

}  // namespace qpq::mls
