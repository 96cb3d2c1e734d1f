// For tests: the kind of the error that a call throws.
#pragma once

#include <functional>

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn {

inline ErrorKind KindOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::kInternal;
}

}  // namespace tarn
