// What a parser of foreign bytes may throw: Corrupt or Unsupported, nothing else.
#pragma once

#include <cstdlib>

#include "base/error.h"

template <typename Action>
void OnlyRefusals(Action action) {
    try {
        action();
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kCorrupt &&
            error.kind() != tarn::ErrorKind::kUnsupported)
            std::abort();
    }
}
