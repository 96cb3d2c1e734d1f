#include "base/cancel.h"

#include "base/error.h"

namespace tarn {

void CancelToken::ThrowIfCancelled() const {
    if (IsCancelled()) throw Error(ErrorKind::kCancelled, "cancelled by the caller");
}

}  // namespace tarn
