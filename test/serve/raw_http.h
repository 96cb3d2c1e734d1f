// A client for tests: one request a connection, over a plain socket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tarn::serve {

struct RawAnswer {
    int status = 0;  // 0: no answer
    std::string head;
    std::string body;

    // Of the first field with that name, as written; empty when there is none.
    std::string Header(const std::string& name) const;
};

class RawConnection {
public:
    explicit RawConnection(uint16_t port);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    void Send(const std::string& target, const std::vector<std::string>& headers = {});
    RawAnswer Receive();

private:
    const int socket_;
};

RawAnswer Get(uint16_t port, const std::string& target,
              const std::vector<std::string>& headers = {});

}  // namespace tarn::serve
