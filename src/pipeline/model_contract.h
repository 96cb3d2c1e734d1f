// The contract of a model (`contract: {enforced: true}`): its rows have the columns and types that
// its YAML says, and meet the constraints there, or nothing is written. `not_null`, `check`,
// `unique` and `primary_key` are held to within the rows of one run; `foreign_key` and `custom` are
// not.
#pragma once

#include <string>

#include "engine/session.h"
#include "pipeline/model.h"

namespace tarn::pipeline {

// Before anything runs. InvalidInput: no columns, or one without its data_type.
void CheckContract(const Model& model);

// The type that the model's YAML says of the column, as the engine spells it. InvalidInput: there
// is none such.
std::string DeclaredType(engine::Session& session, const Model& model, const ModelColumn& column);

class ModelContract {
public:
    // Both outlive it.
    ModelContract(engine::Session& session, const Model& model)
        : session_(session), model_(model) {}

    // The rows as they are written: with the contract's columns first, in its order and of its
    // types. `select` is the model's own, `rows` what is made of it. InvalidInput: CheckColumns; or
    // rows break a constraint.
    std::string Held(const std::string& select, const std::string& rows);
    // Of what the model selects. InvalidInput: a column more, a column less, another type (its
    // length or scale does not matter), a data_type that there is not.
    void CheckColumns(const std::string& select);
    // Of all that it says: for what asks whether anything changed.
    std::string Text() const;

private:
    std::string Shaped(const std::string& rows) const;
    void CheckRule(const Constraint& constraint, const std::string& select);

    engine::Session& session_;
    const Model& model_;
};

}  // namespace tarn::pipeline
