#include "engine/query_shape.h"

namespace tarn::engine {

QueryShape ShapeOf(Session& session, std::string_view select) {
    if (auto* reader = dynamic_cast<ShapeReader*>(&session)) return reader->ShapeOf(select);
    QueryShape unknown;
    unknown.obstacle = "a session that reads no plans";
    return unknown;
}

}  // namespace tarn::engine
