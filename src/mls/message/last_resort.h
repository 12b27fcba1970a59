#pragma once

#include "mls/message/key_package.h"

// draft-ietf-mls-extensions §5.4: a key package that may be used again when all the others are gone says so itself, so
// that whoever reads the Add knows it, too.
namespace qpq::mls {

// For KeyPackageOptions::extensions, once; the leaf's capabilities must list app_data_dictionary. An existing
// dictionary there keeps its other entries. malformed if it cannot be read.
Decoded<void> markLastResort(Extensions& extensions);
bool isLastResort(const KeyPackage& keyPackage);

}  // namespace qpq::mls
