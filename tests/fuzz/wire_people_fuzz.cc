// The structures about people and servers. The first byte says which one the rest is.
#include "read_back.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/resume.h"
#include "wire/people/server_info.h"
#include "wire/people/user_name.h"
#include "wire/people/vault.h"

using namespace qpq;
using namespace qpq::wire;
using fuzz::readBack;
using fuzz::require;

namespace {

// A name that is accepted is found under its folded form, which is a name, too.
void checkName(ByteView input) {
  auto name = UserName::parse(asText(input));
  if (!name) return;
  auto folded = UserName::parse(name->folded());
  require(folded && *folded == *name && folded->text() == name->folded());
}

void checkVaultAs(ByteView input) {
  auto vault = readBack<Vault>(input);
  if (!vault) return;
  static const VaultKey key = VaultKey::fromExportKey(Bytes(64, 0x40));
  require(!openSeed(key, vault->byPassword) && !openSeed(key, vault->byRecovery));
  static_cast<void>(checkVault(*vault, vault->byPassword.account));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ByteView input(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      if (auto certificate = readBack<Certificate>(input)) {
        static_cast<void>(VerifiedCertificate::check(*certificate));
      }
      break;
    case 1:
      if (auto list = readBack<DeviceList>(input)) static_cast<void>(VerifiedDeviceList::check(*list));
      break;
    case 2: checkVaultAs(input); break;
    case 3: readBack<ResumeTBS>(input); break;
    case 4:
      if (auto info = readBack<ServerInfo>(input)) static_cast<void>(VerifiedServerInfo::check(*info));
      break;
    case 5: checkName(input); break;
  }
  return 0;
}
