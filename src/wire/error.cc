#include "wire/error.h"

#include <utility>

namespace qpq::wire {

std::string_view name(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case malformed: return "malformed";
    case unknownValue: return "unknownValue";
    case notSorted: return "notSorted";
    case tooLarge: return "tooLarge";
    case badSignature: return "badSignature";
    case cannotOpen: return "cannotOpen";
    case nameLength: return "nameLength";
    case nameCharacter: return "nameCharacter";
    case certificateVersion: return "certificateVersion";
    case listVersion: return "listVersion";
    case listPrevious: return "listPrevious";
    case deviceKeyTwice: return "deviceKeyTwice";
    case otherAccount: return "otherAccount";
    case otherAccountKey: return "otherAccountKey";
    case otherDevice: return "otherDevice";
    case listNotNext: return "listNotNext";
    case listPreviousDiffers: return "listPreviousDiffers";
    case listOlder: return "listOlder";
    case listForked: return "listForked";
    case deviceVanished: return "deviceVanished";
    case deviceReturned: return "deviceReturned";
    case deviceChanged: return "deviceChanged";
    case deviceRevokedAtOnce: return "deviceRevokedAtOnce";
    case deviceNotListed: return "deviceNotListed";
    case deviceRevoked: return "deviceRevoked";
    case deviceKeyDiffers: return "deviceKeyDiffers";
    case certificateTooNew: return "certificateTooNew";
    case certificateNotForList: return "certificateNotForList";
    case devicesNotEnrolled: return "devicesNotEnrolled";
    case recoveryKeyShort: return "recoveryKeyShort";
    case vaultSealedSize: return "vaultSealedSize";
    case noVault: return "noVault";
    case otherIdentity: return "otherIdentity";
    case otherTlsKey: return "otherTlsKey";
    case otherIncarnation: return "otherIncarnation";
    case unknownReceiptKey: return "unknownReceiptKey";
    case badMerklePath: return "badMerklePath";
    case noContradiction: return "noContradiction";
    case notPrivateMessage: return "notPrivateMessage";
    case otherLog: return "otherLog";
    case kindDiffers: return "kindDiffers";
    case leaverMissing: return "leaverMissing";
    case leaverUnexpected: return "leaverUnexpected";
    case leaverDiffers: return "leaverDiffers";
    case keyPackageDiffers: return "keyPackageDiffers";
    case otherEntryId: return "otherEntryId";
    case otherKind: return "otherKind";
    case otherCommitsSeen: return "otherCommitsSeen";
    case newestNotBelow: return "newestNotBelow";
    case chainGap: return "chainGap";
    case notOnRoster: return "notOnRoster";
    case alreadyOnRoster: return "alreadyOnRoster";
    case rosterDiffers: return "rosterDiffers";
    case neverHadRights: return "neverHadRights";
    case senderNotOnRoster: return "senderNotOnRoster";
    case firstNotCommit: return "firstNotCommit";
    case creatorNotAdded: return "creatorNotAdded";
    case otherCertificate: return "otherCertificate";
    case accountNotOfPair: return "accountNotOfPair";
    case welcomeMissing: return "welcomeMissing";
    case welcomeUnexpected: return "welcomeUnexpected";
    case unknownPolicy: return "unknownPolicy";
    case conversationPair: return "conversationPair";
    case conversationRoles: return "conversationRoles";
    case conversationName: return "conversationName";
    case leafCredential: return "leafCredential";
    case leafKeyDiffers: return "leafKeyDiffers";
    case accountKeysDiffer: return "accountKeysDiffer";
    case deviceTwice: return "deviceTwice";
    case unknownLeaf: return "unknownLeaf";
    case leafOwnerChanged: return "leafOwnerChanged";
    case proposalNotAllowed: return "proposalNotAllowed";
    case selfRemoveNotCovered: return "selfRemoveNotCovered";
    case committerLeaves: return "committerLeaves";
    case addNotAllowed: return "addNotAllowed";
    case removeNotAllowed: return "removeNotAllowed";
    case removesOwner: return "removesOwner";
    case extensionsNotAllowed: return "extensionsNotAllowed";
    case conversationNotAllowed: return "conversationNotAllowed";
    case conversationFixed: return "conversationFixed";
    case noOwner: return "noOwner";
    case addedNotNewLeaves: return "addedNotNewLeaves";
    case rosterNotLeaves: return "rosterNotLeaves";
    case newcomerNotAdded: return "newcomerNotAdded";
    case otherPair: return "otherPair";
    case otherContentId: return "otherContentId";
    case notUtf8: return "notUtf8";
    case notFresh: return "notFresh";
    case fileLength: return "fileLength";
    case filePadding: return "filePadding";
    case otherSuite: return "otherSuite";
    case notAKeyPackageLeaf: return "notAKeyPackageLeaf";
    case capabilityMissing: return "capabilityMissing";
    case lifetimeTooLong: return "lifetimeTooLong";
    case lifetimeNotBegun: return "lifetimeNotBegun";
    case lifetimeOver: return "lifetimeOver";
  }
  std::unreachable();
}

}  // namespace qpq::wire
