#include "pipeline/selection.h"

#include <algorithm>

namespace tarn::pipeline {
namespace {

using Items = std::set<size_t>;
using Kind = SelectionSpec::Kind;

// Adds what is reached from `start` within the reach, a generation at a time.
void Walk(const Inventory& inventory, const Items& start, const Reach& reach,
          std::vector<size_t> Item::*next, Items& into) {
    Items edge = start;
    for (int64_t step = 0; !edge.empty() && (!reach.depth || step < *reach.depth); ++step) {
        Items further;
        for (const size_t item : edge) {
            for (const size_t one : inventory.Items()[item].*next) {
                if (into.insert(one).second) further.insert(one);
            }
        }
        edge = std::move(further);
    }
}

Items WithNeighbours(const Inventory& inventory, const Criterion& criterion, const Items& found) {
    Items all = found;
    if (criterion.with_all_parents) {
        Walk(inventory, found, {}, &Item::children, all);
        const Items made = all;
        Walk(inventory, made, {}, &Item::parents, all);
    }
    // Each on its own, so that what one adds does not stop the other.
    if (criterion.parents) {
        Items up = found;
        Walk(inventory, found, *criterion.parents, &Item::parents, up);
        all.insert(up.begin(), up.end());
    }
    if (criterion.children) {
        Items down = found;
        Walk(inventory, found, *criterion.children, &Item::children, down);
        all.insert(down.begin(), down.end());
    }
    return all;
}

bool Holds(const Items& all, const std::vector<size_t>& these) {
    return std::all_of(these.begin(), these.end(),
                       [&](size_t item) { return all.count(item) > 0; });
}

// What is selected, and tests that come along once all that they read is.
struct Chosen {
    Items direct{};
    Items waiting{};
};

class Evaluation {
public:
    explicit Evaluation(const Inventory& inventory) : inventory_(inventory) {}

    Chosen Of(const SelectionSpec& spec) const {
        if (spec.kind == Kind::kCriterion) return OfCriterion(spec.criterion);
        Chosen chosen;
        for (size_t i = 0; i < spec.parts.size(); ++i) {
            Chosen part = Of(spec.parts[i]);
            if (i == 0) {
                chosen = std::move(part);
            } else {
                Combine(spec.kind, part.direct, chosen.direct);
                Combine(spec.kind, part.waiting, chosen.waiting);
            }
        }
        AddTestsThatWaited(spec.indirect, chosen);
        return chosen;
    }

private:
    static void Combine(Kind kind, const Items& part, Items& whole) {
        if (kind == Kind::kUnion) whole.insert(part.begin(), part.end());
        if (kind == Kind::kIntersection)
            std::erase_if(whole, [&](size_t item) { return part.count(item) == 0; });
        if (kind == Kind::kDifference)
            std::erase_if(whole, [&](size_t item) { return part.count(item) > 0; });
    }

    Chosen OfCriterion(const Criterion& criterion) const {
        Chosen chosen;
        chosen.direct = WithNeighbours(inventory_, criterion, MatchesOf(inventory_, criterion));
        if (criterion.indirect == IndirectSelection::kEmpty) return chosen;
        const Items selected = chosen.direct;
        const Items known = KnownTo(criterion.indirect, selected);
        for (const size_t item : selected) {
            for (const size_t child : inventory_.Items()[item].children) {
                const Item& test = inventory_.Items()[child];
                if (test.type != "test" && test.type != "unit_test") continue;
                const bool comes =
                    criterion.indirect == IndirectSelection::kEager || Holds(known, test.parents);
                (comes ? chosen.direct : chosen.waiting).insert(child);
            }
        }
        return chosen;
    }

    // What a test may read to come along.
    Items KnownTo(IndirectSelection indirect, const Items& selected) const {
        Items known = selected;
        if (indirect != IndirectSelection::kBuildable) return known;
        Walk(inventory_, selected, {}, &Item::parents, known);
        for (size_t i = 0; i < inventory_.Items().size(); ++i) {
            if (inventory_.Items()[i].type == "source") known.insert(i);
        }
        return known;
    }

    void AddTestsThatWaited(IndirectSelection indirect, Chosen& chosen) const {
        if (chosen.waiting.empty()) return;
        const Items known = KnownTo(indirect, chosen.direct);
        for (const size_t test : chosen.waiting) {
            if (Holds(known, inventory_.Items()[test].parents)) chosen.direct.insert(test);
        }
    }

    const Inventory& inventory_;
};

Items Everything(const Inventory& inventory) {
    Items all;
    for (size_t i = 0; i < inventory.Items().size(); ++i) all.insert(i);
    return all;
}

}  // namespace

std::vector<size_t> Select(const Inventory& inventory, const SelectionRequest& request,
                           const NamedSelections& named) {
    const Evaluation evaluation(inventory);
    const bool is_said = !request.select.empty();
    const SelectionSpec* by_name = request.selector.empty() ? (is_said ? nullptr : named.Default())
                                                            : &named.At(request.selector);
    Items chosen = Everything(inventory);
    if (by_name != nullptr) {
        chosen = evaluation.Of(*by_name).direct;
    } else if (is_said) {
        chosen = evaluation.Of(ParseSelection(request.select, request.indirect)).direct;
    }
    if (!request.exclude.empty()) {
        const Items less =
            evaluation.Of(ParseSelection(request.exclude, IndirectSelection::kEager)).direct;
        std::erase_if(chosen, [&](size_t item) { return less.count(item) > 0; });
    }
    const auto& types = request.types;
    std::erase_if(chosen, [&](size_t index) {
        const Item& item = inventory.Items()[index];
        const bool is_of_type =
            types.empty() || std::find(types.begin(), types.end(), item.type) != types.end();
        return !is_of_type || (request.only && request.only->count(item.unique_id) == 0);
    });
    return {chosen.begin(), chosen.end()};
}

}  // namespace tarn::pipeline
