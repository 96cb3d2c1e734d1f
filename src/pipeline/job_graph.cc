#include "pipeline/job_graph.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

Error MistakeAt(const TextSpot& spot, std::string message) {
    return Error(ErrorKind::kInvalidInput, std::move(message)).At(spot);
}

[[noreturn]] void Unknown(const TextSpot& spot, std::string_view what, const std::string& name,
                          const std::vector<std::string>& known) {
    const auto nearest = NearestWord(name, known);
    throw MistakeAt(
        spot, nearest ? fmt::format("there is no {} `{}`: did you mean `{}`?", what, name, *nearest)
              : known.empty() ? fmt::format("there is no {} `{}`", what, name)
                              : fmt::format("there is no {} `{}`: known are {}", what, name,
                                            Join(known, ", ")));
}

struct Node {
    std::vector<std::string> before;
    TextSpot spot;
};
using Nodes = std::map<std::string, Node>;

// The nodes of `names` in an order in which each stands behind what it waits for.
std::vector<std::string> Order(const Nodes& nodes, const std::vector<std::string>& names,
                               std::string_view what) {
    std::vector<std::string> order;
    std::set<std::string> done;
    std::vector<std::string> path;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
        if (done.contains(name)) return;
        const auto begun = std::find(path.begin(), path.end(), name);
        const Node& node = nodes.at(name);
        if (begun != path.end()) {
            const std::vector<std::string> circle(begun, path.end());
            throw MistakeAt(node.spot, fmt::format("{} wait for each other: {} -> {}", what,
                                                   Join(circle, " -> "), name));
        }
        path.push_back(name);
        for (const std::string& before : node.before) visit(before);
        path.pop_back();
        done.insert(name);
        order.push_back(name);
    };
    for (const std::string& name : names) visit(name);
    return order;
}

Nodes TaskNodes(const Job& job, std::vector<std::string>& names) {
    Nodes nodes;
    for (const JobTask& task : job.tasks) {
        if (!nodes.emplace(task.name, Node{task.depends_on, task.spot}).second)
            throw MistakeAt(task.spot, fmt::format("the task `{}` stands twice", task.name));
        names.push_back(task.name);
    }
    return nodes;
}

void CheckTasks(const Job& job, const JobBook& book) {
    std::vector<std::string> names;
    const Nodes nodes = TaskNodes(job, names);
    std::vector<std::string> pools;
    for (const JobPool& pool : book.pools) pools.push_back(pool.name);
    for (const JobTask& task : job.tasks) {
        for (size_t i = 0; i < task.depends_on.size(); ++i) {
            if (!nodes.contains(task.depends_on[i]))
                Unknown(task.depends_on_spots.at(i), "task", task.depends_on[i], names);
        }
        if (task.pool.empty()) continue;
        const JobPool* pool = book.FindPool(task.pool);
        if (pool == nullptr) Unknown(task.pool_spot, "pool", task.pool, pools);
        if (task.slots > pool->slots)
            throw MistakeAt(task.pool_spot,
                            fmt::format("the task `{}` wants {} slots, the pool `{}` "
                                        "has {}: it would wait for ever",
                                        task.name, task.slots, pool->name, pool->slots));
    }
    Order(nodes, names, "tasks");
}

}  // namespace

std::vector<std::string> TaskOrder(const Job& job) {
    std::vector<std::string> names;
    const Nodes nodes = TaskNodes(job, names);
    return Order(nodes, names, "tasks");
}

void CheckBook(const JobBook& book) {
    Nodes jobs;
    std::set<std::string> pools;
    const std::vector<std::string> names = book.Names();
    for (const JobPool& pool : book.pools) {
        if (!pools.insert(pool.name).second)
            throw MistakeAt(pool.spot, fmt::format("the pool `{}` stands twice", pool.name));
    }
    for (const Job& job : book.jobs) {
        Node node{{}, job.spot};
        for (const JobSensor& sensor : job.sensors) {
            const auto* ended = std::get_if<JobEnded>(&sensor.what);
            if (ended == nullptr) continue;
            if (book.Find(ended->job) == nullptr) Unknown(sensor.spot, "job", ended->job, names);
            node.before.push_back(ended->job);
        }
        if (!jobs.emplace(job.name, node).second)
            throw MistakeAt(job.spot, fmt::format("the job `{}` stands twice", job.name));
        CheckTasks(job, book);
        for (const JobAlert& alert : job.alerts) {
            if (std::holds_alternative<MailAlert>(alert.how) && !book.mail)
                throw MistakeAt(alert.spot,
                                "an alert by e-mail needs `mail:` with `server` and `from` in a "
                                "file of jobs/");
        }
    }
    Order(jobs, names, "jobs");
}

}  // namespace tarn::pipeline
