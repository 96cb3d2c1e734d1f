// Many texts that stay where they are as long as the arena lives, for one writer. What was given
// out may be read by any thread.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace tarn {

class TextArena {
public:
    TextArena() = default;
    TextArena(const TextArena&) = delete;
    TextArena& operator=(const TextArena&) = delete;

    // Room for so many bytes.
    char* Make(size_t size_bytes);

private:
    struct Free {
        void operator()(char* bytes) const { std::free(bytes); }
    };

    void AddBlock(size_t least_bytes);

    std::vector<std::unique_ptr<char, Free>> blocks_;
    char* next_ = nullptr;
    size_t left_ = 0;
    size_t last_block_bytes_ = 0;
};

}  // namespace tarn
