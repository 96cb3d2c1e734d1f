#include "delta/file_view.h"

namespace tarn::delta {

FileView FileView::Of(const Add& add) {
    FileView view;
    view.path = add.path;
    view.stats = add.stats;
    view.size_bytes = add.size_bytes;
    view.modification_time_ms = add.modification_time_ms;
    view.partition_values = &add.partition_values;
    if (add.deletion_vector) view.deletion_vector = &*add.deletion_vector;
    if (!add.extras.IsEmpty()) view.extras = &add.extras;
    return view;
}

Add FileView::ToAdd(bool data_change) const {
    Add add;
    add.path = path;
    add.partition_values = *partition_values;
    add.size_bytes = size_bytes;
    add.modification_time_ms = modification_time_ms;
    add.data_change = data_change;
    add.stats = stats;
    if (deletion_vector != nullptr) add.deletion_vector = *deletion_vector;
    if (extras != nullptr) add.extras = *extras;
    return add;
}

}  // namespace tarn::delta
